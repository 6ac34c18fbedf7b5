import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { MOST_KEYS } from "../../src/account/keys.ts";
import { operations } from "../reference/document.ts";
import type { Api } from "../support/api.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

// Two processes accept: what one revokes the other has to know.
const operatorKey = newKey();
const program = await startProgram({ config: { operatorKey, server: { workers: 2 } } });
afterAll(program.stop);
const operator = program.api.as(operatorKey);
const { api: organization, identifier: organizationId } = await testOrganization(operator);

const body = { messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }] };
const later = new Date(Date.now() + 86_400_000).toISOString();
const SCOPE_PROBLEM = "/docs#problem-insufficient-scope";

interface Made {
  identifier: string;
  apiKey: string;
}
interface Key {
  identifier: string;
  name: string | null;
  scope: string;
  prefix: string | null;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}

async function newAccount(owner: Api = organization) {
  const { body: made } = await owner.request<Made>("POST", "/account", { body: { name: "x" } });
  return { ...made, keys: `/account/${made.identifier}/keys`, own: program.api.as(made.apiKey) };
}

async function make(path: string, scope: string, owner: Api = organization): Promise<Made & { api: Api }> {
  const answer = await owner.request<Made>("POST", path, { body: { name: `for ${scope}`, scope } });
  expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: answer.text });
  return { ...answer.body, api: program.api.as(answer.body.apiKey) };
}

async function list(path: string, owner: Api = organization): Promise<Key[]> {
  return (await owner.request<{ items: Key[] }>("GET", path)).body.items;
}

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

test.each(["an account", "an organization"])(
  "%s has its own key and others, which are listed without their text",
  async (whose) => {
    const owner = whose === "an account" ? organization : (await testOrganization(operator)).api;
    const account = await newAccount(owner);
    const path = whose === "an account" ? account.keys : "/organization-keys";
    const own = whose === "an account" ? account.apiKey : owner.key;
    const made = await make(path, "read", owner);
    expect(made.apiKey).toMatch(/^[0-9a-f]{32}$/);
    const common = { created_at: TIME, expires_at: null };
    const answer = await owner.request<{ items: Key[]; next: null }>("GET", path);
    expect(answer.body).toEqual({
      items: [
        {
          ...common,
          identifier: made.identifier,
          name: "for read",
          scope: "read",
          prefix: made.apiKey.slice(0, 6),
          last_used_at: null,
        },
        {
          ...common,
          identifier: expect.stringMatching(/^[0-9a-f-]{36}$/),
          name: null,
          scope: "admin",
          prefix: own.slice(0, 6),
          last_used_at: whose === "an account" ? null : TIME,
        },
      ],
      next: null,
    });
    for (const key of [made.apiKey, own]) expect(answer.text).not.toContain(key);
    const first = await owner.request<{ items: Key[]; next: string }>("GET", `${path}?limit=1`);
    expect(first.body.next).toBe(made.identifier);
    const rest = await owner.request<{ items: Key[]; next: null }>("GET", `${path}?limit=1&after=${made.identifier}`);
    expect({ names: rest.body.items.map(({ name }) => name), next: rest.body.next }).toEqual({
      names: [null],
      next: null,
    });
  },
);

describe("a scope", () => {
  const sending = ["POST /message", "POST /batch", "DELETE /batch/{uuid}"];
  const others = operations.filter(({ method, operation }) => method !== "GET" && operation.security.length > 0);
  const holderOf = (operation: (typeof operations)[number]["operation"]) =>
    Object.keys(operation.security[0]!)[0]!.replace(/Key$/, "");

  test.each(["account", "organization"])("of a key of the %s's opens what it says and nothing else", async (holder) => {
    const account = await newAccount();
    const path = holder === "account" ? account.keys : "/organization-keys";
    for (const scope of ["read", "send", "admin"]) {
      const { api } = await make(path, scope);
      for (const { method, path: pattern, operation } of operations) {
        if (operation.security.length !== 2 || holderOf(operation) !== holder) continue;
        const name = `${method} ${pattern}`;
        const isOpen = scope === "admin" || method === "GET" || (scope === "send" && sending.includes(name));
        // Of nothing that there is, and with no body: what is open refuses it for another reason.
        const asked = pattern.replace("{number}", "447700900999").replace(/\{\w+\}/g, randomUUID());
        const { status, body: problem } = await api.request(method, asked);
        const said = { scope, name, refused: status === 403 && problem.type === SCOPE_PROBLEM };
        expect(said).toEqual({ scope, name, refused: !isOpen });
      }
    }
    expect(others.length).toBeGreaterThan(15);
  });

  test("lets a send key send and cancel, over the fast path and beside it", async () => {
    const account = await newAccount();
    const { api } = await make(account.keys, "send");
    const headers = { "content-type": "application/json", "x-other": "y" };
    expect((await api.request("POST", "/message", { body, headers })).status).toBe(200);
    const batch = { from: "MyShop", message: "x", destinations: ["447700900123"], send_at: later };
    const held = await api.sendBatch(batch);
    expect((await api.request("DELETE", `/batch/${held}`)).status).toBe(200);
    const again = await api.sendBatch(batch);
    expect((await api.request<{ batches: object[] }>("GET", "/batch")).body.batches).toHaveLength(1);
    const { api: reader } = await make(account.keys, "read");
    for (const dryRun of ["", "?dryRun=true"]) {
      const refused = await reader.request("POST", `/message${dryRun}`, { body });
      expect({ status: refused.status, type: refused.body.type }).toEqual({ status: 403, type: SCOPE_PROBLEM });
      expect(refused.body.detail).toBe('The key\'s scope is "read"; "send" is needed here.');
      expect(refused.headers["www-authenticate"]).toBe('Bearer error="insufficient_scope"');
    }
    expect((await reader.request("DELETE", `/batch/${again}`)).status).toBe(403);
    expect((await reader.request("HEAD", "/batch")).status).toBe(200);
  });

  test("makes no key of the other kind", async () => {
    const { api } = await make((await newAccount()).keys, "admin");
    expect((await api.request("GET", "/organization-keys")).body.type).toBe("/docs#problem-invalid-key");
    const { api: organizations } = await make("/organization-keys", "send");
    expect((await organizations.request("POST", "/message", { body })).body.type).toBe("/docs#problem-invalid-key");
  });
});

test.each<[unknown, string[]]>([
  [{}, ["name", "scope"]],
  [{ name: "x", scope: "write" }, ["scope"]],
  [{ name: "", scope: "read" }, ["name"]],
  [{ name: " Operator", scope: "read" }, ["name"]],
  [{ name: "x\0", scope: "read" }, ["name"]],
  [{ name: "x", scope: "read", Scope: "admin" }, ["Scope"]],
])("no key is made of %j", async (asked, paths) => {
  for (const path of [(await newAccount()).keys, "/organization-keys"]) {
    const { status, body: problem } = await organization.request("POST", path, { body: asked });
    expect({ status, paths: problem.errors?.map((fault) => fault.path).sort() }).toEqual({ status: 400, paths });
  }
});

describe("a key that is revoked", () => {
  test("stops working at once in every process; the others go on", async () => {
    const account = await newAccount();
    const other = await make(account.keys, "admin");
    for (let round = 0; round < 5; round++) {
      const { identifier, api } = await make(account.keys, "send");
      // Over several connections, so that both processes know it.
      for (let request = 0; request < 6; request++) expect((await api.request("GET", "/batch")).status).toBe(200);
      const gone = await organization.request("DELETE", `${account.keys}/${identifier.toUpperCase()}`);
      expect({ status: gone.status, body: gone.body }).toEqual({ status: 200, body: { identifier } });
      const answers = await Promise.all(Array.from({ length: 8 }, () => api.request("POST", "/message", { body })));
      expect(new Set(answers.map(({ body: problem }) => problem.type))).toEqual(new Set(["/docs#problem-invalid-key"]));
      expect((await organization.request("DELETE", `${account.keys}/${identifier}`)).status).toBe(404);
    }
    expect((await list(account.keys)).map(({ identifier }) => identifier)).toContain(other.identifier);
    expect((await account.own.request("GET", "/batch")).status).toBe(200);
  });

  test("may be the account's own; the organization makes another", async () => {
    const account = await newAccount();
    const [own] = await list(account.keys);
    await organization.request("DELETE", `${account.keys}/${own!.identifier}`);
    expect((await account.own.request("GET", "/batch")).status).toBe(400);
    expect(await list(account.keys)).toEqual([]);
    const { api } = await make(account.keys, "admin");
    expect((await api.request("GET", "/batch")).status).toBe(200);
  });

  test("may be the organization's own, unless it is the last that opens everything", async () => {
    const { api } = await testOrganization(operator);
    const [own] = await list("/organization-keys", api);
    await make("/organization-keys", "read", api);
    const refused = await api.request("DELETE", `/organization-keys/${own!.identifier}`);
    expect({ status: refused.status, type: refused.body.type }).toEqual({
      status: 409,
      type: "/docs#problem-last-admin-key",
    });
    const { api: other } = await make("/organization-keys", "admin", api);
    expect((await api.request("DELETE", `/organization-keys/${own!.identifier}`)).status).toBe(200);
    expect((await api.request("GET", "/account")).status).toBe(400);
    expect((await other.request("GET", "/account")).status).toBe(200);
  });

  test("is the organization's that asks, and the path's", async () => {
    const { api: stranger } = await testOrganization(operator);
    const account = await newAccount();
    const [own] = await list(account.keys);
    const [organizations] = await list("/organization-keys");
    const asked: [Api, string, string][] = [
      [stranger, "GET", account.keys],
      [stranger, "POST", account.keys],
      [stranger, "DELETE", `${account.keys}/${own!.identifier}`],
      [stranger, "DELETE", `/organization-keys/${organizations!.identifier}`],
      [organization, "DELETE", `/organization-keys/${own!.identifier}`],
      [organization, "DELETE", `${account.keys}/${organizations!.identifier}`],
      [organization, "DELETE", `${account.keys}/x`],
      [organization, "GET", `/account/${randomUUID()}/keys`],
    ];
    for (const [client, method, path] of asked) {
      const answer = await client.request(method, path, { body: { name: "x", scope: "read" } });
      expect({ method, path, status: answer.status }).toEqual({ method, path, status: 404 });
    }
  });
});

test("keys are bounded for each account and organization, and rotations with a grace too", {
  timeout: 60_000,
}, async () => {
  const { api } = await testOrganization(operator);
  const account = await newAccount(api);
  for (const path of [account.keys, "/organization-keys"]) {
    const make = () => api.request("POST", path, { body: { name: "x", scope: "read" } });
    const answers: Awaited<ReturnType<typeof make>>[] = [];
    // Few at a time: more than five seconds for their turn at the store would be another refusal, on a busy machine.
    while (answers.length < MOST_KEYS + 5) {
      answers.push(...(await Promise.all(Array.from({ length: 5 }, make))));
    }
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(MOST_KEYS - 1);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(new Set(refused.map(({ body: problem }) => problem.type))).toEqual(new Set(["/docs#problem-too-many-keys"]));
  }
  const rotate = (graceSeconds: number) =>
    api.request("POST", `/account/${account.identifier}/key`, { body: { graceSeconds } });
  expect((await rotate(60)).status).toBe(409);
  expect((await account.own.request("GET", "/batch")).status).toBe(200);
  expect((await rotate(0)).status).toBe(200);
});

test("rotation replaces an account's or organization's own key, and leaves those with a name", async () => {
  const account = await newAccount();
  const named = await make(account.keys, "send");
  const rotated = await organization.request<Made>("POST", `/account/${account.identifier}/key`);
  expect((await account.own.request("GET", "/batch")).status).toBe(400);
  for (const key of [named.apiKey, rotated.body.apiKey]) {
    expect((await program.api.as(key).request("GET", "/batch")).status).toBe(200);
  }

  const { api, identifier } = await testOrganization(operator);
  const reader = await make("/organization-keys", "read", api);
  const path = `/organization/${identifier}/key`;
  const graced = await operator.request<Made>("POST", path, { body: { graceSeconds: 3_600 } });
  const newer = api.as(graced.body.apiKey);
  expect((await list("/organization-keys", newer)).map(({ name, expires_at }) => [name, expires_at])).toEqual([
    [null, null],
    ["for read", null],
    [null, TIME],
  ]);
  expect((await api.request("GET", "/account")).status).toBe(200);
  // The one whose end has come does not count: nobody could manage the organization after that.
  const [last] = await list("/organization-keys", newer);
  expect((await api.request("DELETE", `/organization-keys/${last!.identifier}`)).status).toBe(409);
  const atOnce = await operator.request<Made>("POST", path);
  for (const old of [api, newer]) expect((await old.request("GET", "/account")).status).toBe(400);
  for (const key of [reader.apiKey, atOnce.body.apiKey]) {
    expect((await api.as(key).request("GET", "/account")).status).toBe(200);
  }
  expect((await operator.request("POST", `/organization/${randomUUID()}/key`)).status).toBe(404);
});

test("when a key was last used is noted, for each key and without anybody's waiting", async () => {
  const account = await newAccount();
  const { identifier, api } = await make(account.keys, "send");
  await api.send(body);
  const used = await until("its use to be noted", async () => {
    const keys = await list(account.keys);
    return keys.find((key) => key.identifier === identifier)?.last_used_at;
  });
  expect(used).toEqual(TIME);
  expect((await list(account.keys)).find(({ name }) => name === null)?.last_used_at).toBeNull();
});

test("GET /me tells whose a key is", async () => {
  const account = await newAccount();
  const me = async (api: Api) => (await api.request<object>("GET", "/me")).body;
  const owner = { identifier: organizationId, name: "test" };
  const whose = { identifier: account.identifier, name: "x", credits: 0, priced: false, channels: ["sms"] };
  expect(await me(account.own)).toEqual({ kind: "account", scope: "admin", account: whose, organization: owner });
  const { api: reader } = await make(account.keys, "read");
  expect(await me(reader)).toEqual({ kind: "account", scope: "read", account: whose, organization: owner });
  const ownKey = { kind: "organization", scope: "admin", organization: { ...owner, balance: expect.any(Number) } };
  expect(await me(organization)).toEqual(ownKey);
  expect(await me(operator)).toEqual({ kind: "operator", scope: "admin" });
  const wrong = await operator.as(newKey()).request("GET", "/me");
  expect({ status: wrong.status, type: wrong.body.type }).toEqual({ status: 400, type: "/docs#problem-invalid-key" });
  const headers = { authorization: `Bearer ${newKey()}` };
  expect((await operator.request("GET", "/me", { key: null, headers })).status).toBe(401);
  expect((await operator.request("GET", "/me", { key: null })).status).toBe(400);
  expect((await operator.request("GET", "/me?x=1")).body.errors?.[0]?.path).toBe("?x");
});
