import { afterAll, describe, expect, test } from "vitest";
import { type Api, inTurn } from "../support/api.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

// Two processes accept, and another program on the same database. Nothing needs to be sent.
const operatorKey = newKey();
const program = await startProgram({ config: { operatorKey, server: { workers: 2 }, roles: ["api"] } });
const neighbour = await startProgram({ database: program.database, config: { roles: ["api"] } });
afterAll(async () => {
  await neighbour.stop();
  await program.stop();
});
const { api } = program;
const organization = api.as(program.organizationKey);
const operator = api.as(operatorKey);

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
const body = { messages: [message] };

interface Made {
  identifier: string;
  apiKey: string;
}
interface Account {
  identifier: string;
  name: string;
  credits: number;
  deleted: boolean;
}

async function create(name = "x", owner: Api = organization): Promise<Made & { path: string; own: Api }> {
  const answer = await owner.request<Made>("POST", "/account", { body: { name } });
  expect(answer.status).toBe(200);
  return { ...answer.body, path: `/account/${answer.body.identifier}`, own: api.as(answer.body.apiKey) };
}

async function find(identifier: string, owner: Api = organization): Promise<Account | undefined> {
  const { body: list } = await owner.request<{ accounts: Account[] }>("GET", "/account");
  return list.accounts.find((account) => account.identifier === identifier);
}

/** Uses the key over as many connections as it takes to reach every process. */
async function useEverywhere(client: Api): Promise<number[]> {
  const statuses: number[] = [];
  for (let request = 0; request < 6; request++) {
    statuses.push((await client.request("GET", "/batch/00000000-0000-4000-8000-000000000000")).status);
  }
  return statuses;
}

test("makes an account whose key sends, and lists it as the hosted service does", async () => {
  const { identifier, apiKey, own } = await create("Newsletter");
  expect(apiKey).toMatch(/^[0-9a-f]{32}$/);
  expect(await own.send(body)).toHaveLength(1);
  expect(await find(identifier)).toEqual({ identifier, name: "Newsletter", credits: 0, deleted: false });
});

test("renames and lets overdraw", async () => {
  const { identifier, path } = await create();
  const changed = await organization.request("PATCH", path, { body: { name: "Other", overdraft: true } });
  expect({ status: changed.status, body: changed.body }).toEqual({ status: 200, body: {} });
  const { body: account } = await organization.request("GET", path);
  expect(account).toEqual({ identifier, name: "Other", credits: 0, overdraft: true, deleted: false });
});

describe("topping up", () => {
  test("just counts where nothing is priced", async () => {
    const { identifier, path } = await create();
    const first = await organization.request("PATCH", path, { body: { topup: 100 } });
    expect({ status: first.status, body: first.body }).toEqual({ status: 200, body: {} });
    const second = await organization.request("PATCH", "/topup", {
      body: { accountUuid: identifier.toUpperCase(), topup: 20 },
    });
    expect({ status: second.status, body: second.body }).toEqual({ status: 200, body: {} });
    expect(await find(identifier)).toMatchObject({ credits: 120 });
  });

  test("comes out of the organization's balance where messages are priced", async () => {
    const made = await operator.request<Made>("POST", "/organization", {
      body: { name: "priced", credits: true, balance: 100 },
    });
    const owner = api.as(made.body.apiKey);
    const { identifier, path } = await create("x", owner);
    expect((await owner.request("PATCH", path, { body: { topup: 60 } })).status).toBe(200);
    const short = await owner.request("PATCH", path, { body: { topup: 41 } });
    expect({ status: short.status, type: short.body.type }).toEqual({
      status: 402,
      type: "/docs#problem-credits-short",
    });
    // A topup is short too where it is more than any organization can have, as long as a number holds it exactly.
    for (const topup of [2e12, Number.MAX_SAFE_INTEGER]) {
      expect({ topup, status: (await owner.request("PATCH", path, { body: { topup } })).status }).toEqual({
        topup,
        status: 402,
      });
    }
    expect((await owner.request("PATCH", path, { body: { topup: 40 } })).status).toBe(200);
    expect(await find(identifier, owner)).toMatchObject({ credits: 100 });
    // What it has goes back.
    expect((await owner.request("DELETE", path)).status).toBe(200);
    expect(await find(identifier, owner)).toMatchObject({ credits: 0, deleted: true });
    const again = await create("y", owner);
    expect((await owner.request("PATCH", again.path, { body: { topup: 100 } })).status).toBe(200);
    const { body: ledger } = await owner.request<{ items: unknown[]; next: null }>("GET", `${path}/ledger`);
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(ledger).toEqual({
      items: [
        { at, kind: "return", credits: -100, balance: 0, batch_uuid: null },
        { at, kind: "topup", credits: 40, balance: 100, batch_uuid: null },
        { at, kind: "topup", credits: 60, balance: 60, batch_uuid: null },
      ],
      next: null,
    });
    const first = await owner.request<{ items: { kind: string }[]; next: string }>("GET", `${path}/ledger?limit=2`);
    expect(first.body.items.map(({ kind }) => kind)).toEqual(["return", "topup"]);
    const rest = await owner.request("GET", `${path}/ledger?limit=2&after=${first.body.next}`);
    expect(rest.body).toMatchObject({ items: [{ credits: 60 }], next: null });
  });

  test("at once, over every process, never takes more than there is", async () => {
    const made = await operator.request<Made>("POST", "/organization", {
      body: { name: "priced", credits: true, balance: 36 },
    });
    const owner = api.as(made.body.apiKey);
    const accounts = [await create("x", owner), await create("y", owner)];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        inTurn(() =>
          (index % 3 === 0 ? owner : neighbour.api.as(made.body.apiKey)).request("PATCH", accounts[index % 2]!.path, {
            body: { topup: 1 },
          }),
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(36);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(24);
    const balances = await Promise.all(accounts.map(({ identifier }) => find(identifier, owner)));
    expect(balances[0]!.credits + balances[1]!.credits).toBe(36);
  });

  test.each<[unknown, string]>([
    [{}, ""],
    [{ topup: 0 }, "topup"],
    [{ topup: -5 }, "topup"],
    [{ topup: 1.5 }, "topup"],
    [{ topup: "5" }, "topup"],
    [{ topup: 1e300 }, "topup"],
    [{ topup: 2 ** 53 }, "topup"],
    [{ topup: 2e15 }, "topup"],
    [{ topup: 5, name: "x" }, "topup"],
    [{ topup: 5, overdraft: true }, "topup"],
    [{ deleted: true }, "deleted"],
    [{ Topup: 5 }, "Topup"],
  ])("and changing refuse %j", async (change, path) => {
    const account = await create();
    const refused = await organization.request("PATCH", account.path, { body: change });
    expect({ status: refused.status, paths: refused.body.errors?.map((error) => error.path) }).toEqual({
      status: 400,
      paths: [path],
    });
    expect(await find(account.identifier)).toMatchObject({ name: "x", credits: 0 });
  });

  test.each<[unknown, string[]]>([
    [{ topup: 5 }, ["accountUuid"]],
    [{ accountUuid: "x", topup: 0 }, ["accountUuid", "topup"]],
    [{ accountUuid: "00000000-0000-4000-8000-000000000000", topup: 1, name: "x" }, ["name"]],
  ])("by PATCH /topup names what is wrong with %j", async (change, paths) => {
    const refused = await organization.request("PATCH", "/topup", { body: change });
    expect({ status: refused.status, paths: refused.body.errors?.map(({ path }) => path).sort() }).toEqual({
      status: 400,
      paths,
    });
  });
});

describe("a deactivated account", () => {
  test("is shut out of every process of the program at once, for sending and reading", async () => {
    for (let round = 0; round < 3; round++) {
      const { path, own } = await create();
      expect(new Set(await useEverywhere(own))).toEqual(new Set([404]));
      const gone = await organization.request("DELETE", path);
      expect({ status: gone.status, body: gone.body }).toEqual({ status: 200, body: {} });
      const answers = await Promise.all(Array.from({ length: 8 }, () => own.request("POST", "/message", { body })));
      for (const { status, body: problem } of answers) {
        expect({ status, type: problem.type }).toEqual({ status: 400, type: "/docs#problem-invalid-key" });
      }
      expect(new Set(await useEverywhere(own))).toEqual(new Set([400]));
      const headers = { authorization: `Bearer ${own.key}` };
      expect((await own.request("POST", "/message", { key: null, headers, body })).status).toBe(401);
    }
  });

  test("sends nothing through another program either, from the moment on that it is answered", async () => {
    for (let round = 0; round < 4; round++) {
      const { path, own } = await create();
      const there = neighbour.api.as(own.key);
      const batch = { from: "MyShop", message: "x", destinations: ["447700900123"] };
      await there.send(body);
      expect((await organization.request("DELETE", path)).status).toBe(200);
      const [single, batched] = await Promise.all([
        there.request("POST", "/message", { body }),
        there.request("POST", "/batch", { body: batch }),
      ]);
      expect({ single: single.status, batched: batched.status }).toEqual({ single: 400, batched: 400 });
    }
  });

  test("is still listed, and unknown to everything else but its revival", async () => {
    const { identifier, path } = await create();
    await organization.request("DELETE", path);
    expect(await find(identifier)).toMatchObject({ deleted: true });
    const answers = await Promise.all([
      organization.request("DELETE", path),
      organization.request("PATCH", path, { body: { topup: 1 } }),
      organization.request("PATCH", path, { body: { name: "x" } }),
      organization.request("PATCH", "/topup", { body: { accountUuid: identifier, topup: 1 } }),
      organization.request("POST", `${path}/key`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect((await organization.request("GET", `${path}/ledger`)).status).toBe(200);
  });

  test("sends again under the same key once it is revived", async () => {
    const { identifier, path, own } = await create();
    await organization.request("DELETE", path);
    expect((await own.request("POST", "/message", { body })).status).toBe(400);
    expect((await organization.request("PATCH", path, { body: { deleted: false, name: "back" } })).status).toBe(200);
    expect(await find(identifier)).toMatchObject({ deleted: false, name: "back" });
    expect(await own.send(body)).toHaveLength(1);
  });
});

describe("a new key", () => {
  test("replaces the one before at once", async () => {
    const { path, own } = await create();
    await useEverywhere(own);
    const rotated = await organization.request<{ apiKey: string }>("POST", `${path}/key`);
    expect(rotated.status).toBe(200);
    expect(new Set(await useEverywhere(own))).toEqual(new Set([400]));
    expect(await api.as(rotated.body.apiKey).send(body)).toHaveLength(1);
    await until("the other program to know", async () => {
      return (await neighbour.api.as(own.key).request("POST", "/message", { body })).status === 400;
    });
  });

  test("leaves the one before its grace, and no longer", async () => {
    const { path, own } = await create();
    const graceSeconds = 2;
    const rotated = await organization.request<{ apiKey: string }>("POST", `${path}/key`, { body: { graceSeconds } });
    const newer = api.as(rotated.body.apiKey);
    expect(await own.send(body)).toHaveLength(1);
    expect(await newer.send(body)).toHaveLength(1);
    const endsAt = Date.now() + graceSeconds * 1_000;
    await until("the old key to end", async () => {
      const askedAt = Date.now();
      const { status } = await own.request("POST", "/message", { body });
      return status === 400 || (askedAt > endsAt ? expect(status).toBe(400) : false);
    });
    expect(await newer.send(body)).toHaveLength(1);
    // Within a grace the next rotation ends the oldest all the same.
    const third = await organization.request<{ apiKey: string }>("POST", `${path}/key`, { body: { graceSeconds: 0 } });
    expect((await newer.request("POST", "/message", { body })).status).toBe(400);
    expect(await api.as(third.body.apiKey).send(body)).toHaveLength(1);
  });

  test.each<[unknown, string]>([
    [{ graceSeconds: -1 }, "graceSeconds"],
    [{ graceSeconds: "60" }, "graceSeconds"],
    [{ graceSeconds: 1e10 }, "graceSeconds"],
    [{ grace: 5 }, "grace"],
  ])("is not made for %j", async (options, path) => {
    const { path: account, own } = await create();
    const refused = await organization.request("POST", `${account}/key`, { body: options });
    expect({ status: refused.status, paths: refused.body.errors?.map((error) => error.path) }).toEqual({
      status: 400,
      paths: [path],
    });
    expect(await own.send(body)).toHaveLength(1);
  });
});

test("an account's key opens no account", async () => {
  const { path } = await create();
  for (const [method, at] of [
    ["POST", "/account"],
    ["GET", "/account"],
    ["GET", path],
    ["PATCH", path],
    ["DELETE", path],
    ["PATCH", "/topup"],
    ["POST", `${path}/key`],
    ["GET", `${path}/ledger`],
  ] as const) {
    const refused = await api.request(method, at, { body: { name: "x" } });
    expect({ method, at, status: refused.status, type: refused.body.type }).toEqual({
      method,
      at,
      status: 400,
      type: "/docs#problem-invalid-key",
    });
  }
});
