import { afterAll, describe, expect, test } from "vitest";
import type { Api, Problem } from "../support/api.ts";
import { command } from "../support/command.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

// Two processes accept.
const operatorKey = newKey();
const program = await startProgram({
  config: { operatorKey, server: { workers: 2 }, senders: { shared: ["447700900001"] } },
});
afterAll(program.stop);
const { api } = program;
const organization = api.as(program.organizationKey);

interface Made {
  identifier: string;
  apiKey: string;
}
interface Sender {
  identifier: string;
  value: string;
  account: string | null;
}

const sibling = await makeAccount(organization);
const stranger = await makeStranger();

async function makeAccount(owner: Api): Promise<Made & { api: Api }> {
  const { body } = await owner.request<Made>("POST", "/account", { body: { name: "x" } });
  return { ...body, api: api.as(body.apiKey) };
}

async function makeStranger(): Promise<{ organization: Api; account: Made & { api: Api } }> {
  const made = await api.as(operatorKey).request<Made>("POST", "/organization", { body: { name: "other" } });
  const owner = api.as(made.body.apiKey);
  return { organization: owner, account: await makeAccount(owner) };
}

async function register(value: string, account?: string, owner = organization): Promise<string> {
  const answer = await owner.request<{ identifier: string }>("POST", "/sender", { body: { value, account } });
  expect({ value, status: answer.status }).toEqual({ value, status: 200 });
  return answer.body.identifier;
}

const messageFrom = (value: string) => ({ from: { type: "custom", value }, to: "+447700900123", body: "x" });

async function send(client: Api, ...values: string[]) {
  return client.request<Problem>("POST", "/message", { body: { messages: values.map(messageFrom) } });
}

/** What each way of sending answers, once every process has heard of what was registered. */
async function statusOf(client: Api, value: string): Promise<number> {
  const path = "/message?dryRun=true";
  const body = { messages: [messageFrom(value)] };
  return (await client.request("POST", path, { body })).status;
}

/** Every process answers so: each over several connections in a row. */
async function expectStatus(client: Api, value: string, status: number): Promise<void> {
  await until(`${status} for ${value} everywhere`, async () => {
    const statuses: number[] = [];
    for (let request = 0; request < 6; request++) statuses.push(await statusOf(client, value));
    return statuses.every((one) => one === status);
  });
}

test("a sender of an account is that account's alone", async () => {
  await register("Alone", sibling.identifier);
  await expectStatus(sibling.api, "Alone", 200);
  await expectStatus(api, "Alone", 403);
  await expectStatus(stranger.account.api, "Alone", 403);
});

test("a sender of the organization is every account's of it", async () => {
  await register("Ours");
  await expectStatus(sibling.api, "Ours", 200);
  await expectStatus(api, "Ours", 200);
  await expectStatus(stranger.account.api, "Ours", 403);
});

test("is refused with each field that names one, on both endpoints, and stores nothing", async () => {
  await register("Theirs", undefined, stranger.organization);
  await register("+4477009003", undefined, stranger.organization);
  await expectStatus(api, "Theirs", 403);
  const refused = await send(api, "Free", "theirs", "4477009003", "THEIRS", "theirs");
  expect(refused).toMatchObject({
    status: 403,
    body: {
      type: "/docs#problem-sender-not-yours",
      errors: [1, 2, 3, 4].map((index) => ({
        path: `messages[${index}].from.value`,
        message: "is registered to another",
      })),
    },
  });
  const { from: _, ...rest } = messageFrom("");
  const byDefault = await api.request<Problem>("POST", "/message", {
    body: { messages: [rest, messageFrom("Free"), rest], defaults: { from: { type: "custom", value: "Theirs" } } },
  });
  expect(byDefault).toMatchObject({ status: 403, body: { errors: [{ path: "defaults.from.value" }] } });
  const many = await send(api, "Free", ...Array<string>(101).fill("Theirs"));
  expect(many.body.errors?.map(({ path }) => path)).toEqual(
    Array.from({ length: 100 }, (_, index) => `messages[${index + 1}].from.value`),
  );
  const batch = { from: "Theirs", message: "x", destinations: ["447700900123"] };
  for (const path of ["/batch", "/batch?dryRun=true", "/message"]) {
    expect(await api.request("POST", path, { body: batch })).toMatchObject({
      status: 403,
      body: { errors: [{ path: "from" }] },
    });
  }
  const { rows } = await program.database.pool.query("SELECT count(*)::int AS count FROM message");
  expect(rows).toEqual([{ count: 0 }]);
});

test("one of the shared pool is nobody's to name or to register", async () => {
  const refused = await send(api, "+447700900001");
  expect(refused).toMatchObject({ status: 403, body: { errors: [{ path: "messages[0].from.value" }] } });
  const registered = await organization.request("POST", "/sender", { body: { value: "447700900001" } });
  expect(registered).toMatchObject({ status: 409, body: { type: "/docs#problem-sender-registered" } });
});

test("is registered once, by whomever, in whatever spelling of its letters", async () => {
  await register("Taken");
  for (const [owner, value] of [
    [organization, "Taken"],
    [stranger.organization, "TAKEN"],
  ] as const) {
    expect((await owner.request("POST", "/sender", { body: { value } })).status).toBe(409);
  }
  const both = await Promise.all(
    [organization, stranger.organization].map((owner) => owner.request("POST", "/sender", { body: { value: "Race" } })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test("is listed in order, in pages, to its organization alone", async () => {
  const owner = (await makeStranger()).organization;
  const account = await makeAccount(owner);
  const identifiers = [
    await register("First", undefined, owner),
    await register("+4477009004", account.identifier, owner),
    await register("Third", undefined, owner),
  ];
  const expected = [
    { identifier: identifiers[0], value: "First", account: null },
    { identifier: identifiers[1], value: "4477009004", account: account.identifier },
    { identifier: identifiers[2], value: "Third", account: null },
  ];
  const list = (query: string) => owner.request<{ items: Sender[]; next: string | null }>("GET", `/sender${query}`);
  expect((await list("")).body).toEqual({ items: expected, next: null });
  const first = await list("?limit=2");
  expect(first.body).toEqual({ items: expected.slice(0, 2), next: identifiers[1] });
  expect((await list(`?limit=2&after=${first.body.next}`)).body).toEqual({ items: expected.slice(2), next: null });
  expect((await list("?after=x")).status).toBe(400);
});

test("is free for others once it is deleted, which only its organization can do", async () => {
  const identifier = await register("Leaving");
  await expectStatus(stranger.account.api, "Leaving", 403);
  expect((await stranger.organization.request("DELETE", `/sender/${identifier}`)).status).toBe(404);
  const gone = await organization.request("DELETE", `/sender/${identifier.toUpperCase()}`);
  expect({ status: gone.status, body: gone.body }).toEqual({ status: 200, body: {} });
  expect((await organization.request("DELETE", `/sender/${identifier}`)).status).toBe(404);
  await expectStatus(stranger.account.api, "Leaving", 200);
  await register("Leaving", undefined, stranger.organization);
});

describe("registering", () => {
  test.each([
    ["no sender ID", { value: "much too long a name" }, 400],
    ["no value", {}, 400],
    ["an account that is no UUID", { value: "Good", account: "1" }, 400],
    ["an unknown account", { value: "Good", account: "00000000-0000-4000-8000-000000000000" }, 404],
    ["another organization's account", { value: "Good", account: stranger.account.identifier }, 404],
    ["an unknown field", { value: "Good", name: "x" }, 400],
  ])("is refused for %s", async (_what, body, status) => {
    expect((await organization.request("POST", "/sender", { body })).status).toBe(status);
  });

  test("is refused for a deactivated account, and with an account's key", async () => {
    const account = await makeAccount(organization);
    await organization.request("DELETE", `/account/${account.identifier}`);
    const body = { value: "Good", account: account.identifier };
    expect((await organization.request("POST", "/sender", { body })).status).toBe(404);
    expect((await api.request("POST", "/sender", { body: { value: "Good" } })).status).toBe(400);
  });
});

test("`mplus sender` adds, lists and removes", async () => {
  const owner = (await makeStranger()).organization;
  const run = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await command(["sender", ...args, "--url", program.url, "--key", owner.key]);
    expect(stderr).toBe("");
    return stdout;
  };
  const added = await run("add", "MyShop2");
  const [, identifier] = /^sender (\S+)\n$/.exec(added)!;
  expect(JSON.parse(await run("list", "--json"))).toEqual({
    items: [{ identifier, value: "MyShop2", account: null }],
  });
  expect(await run("list")).toContain("MyShop2");
  expect(await run("remove", identifier!, "--yes")).toBe(`removed ${identifier}\n`);
  expect((await owner.request("GET", "/sender")).body).toEqual({ items: [], next: null });
});
