import { afterAll, expect, test } from "vitest";
import { command } from "../support/command.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";

const operatorKey = newKey();
const program = await startProgram({ config: { operatorKey } });
afterAll(program.stop);
const { api, organizationKey } = program;
const operator = api.as(operatorKey);

interface Organization {
  identifier: string;
  name: string;
  credits: boolean;
  balance: number;
}
type Page = { items: Organization[]; next: string | null };

async function create(body: unknown): Promise<{ identifier: string; apiKey: string }> {
  const answer = await operator.request<{ identifier: string; apiKey: string }>("POST", "/organization", { body });
  expect(answer.status).toBe(200);
  return answer.body;
}

async function find(identifier: string): Promise<Organization | undefined> {
  const { body } = await operator.request<Page>("GET", "/organization?limit=1000");
  return body.items.find((item) => item.identifier === identifier);
}

test("makes an organization whose key opens accounts, and shows the key once", async () => {
  const { identifier, apiKey } = await create({ name: "Acme & Söhne 🙂" });
  expect(apiKey).toMatch(/^[0-9a-f]{32}$/);
  expect(await find(identifier)).toEqual({ identifier, name: "Acme & Söhne 🙂", credits: false, balance: 0 });
  const own = await api.as(apiKey).request("GET", "/account");
  expect({ status: own.status, body: own.body }).toEqual({ status: 200, body: { accounts: [] } });
  const { rows } = await program.database.pool.query("SELECT count(*)::int AS count FROM api_key WHERE hash = $1", [
    Buffer.from(apiKey),
  ]);
  expect(rows).toEqual([{ count: 0 }]);
});

test("changes name, pricing and balance", async () => {
  const { identifier } = await create({ name: "Acme", credits: true, balance: 50 });
  expect(await find(identifier)).toMatchObject({ credits: true, balance: 50 });
  const path = `/organization/${identifier}`;
  const patch = (body: unknown) => operator.request("PATCH", path, { body });
  const changed = await patch({ name: "Acme Ltd", credits: false, balance: { add: 25 } });
  expect({ status: changed.status, body: changed.body }).toEqual({ status: 200, body: {} });
  expect(await find(identifier)).toEqual({ identifier, name: "Acme Ltd", credits: false, balance: 75 });
  expect((await patch({ balance: { add: -75 } })).status).toBe(200);
  const short = await patch({ balance: { add: -1 } });
  expect({ status: short.status, type: short.body.type }).toEqual({ status: 402, type: "/docs#problem-credits-short" });
  expect((await patch({ balance: { add: 1e12 } })).status).toBe(200);
  const { rows } = await program.database.pool.query(
    `SELECT kind, credits::int8, balance::int8 FROM ledger WHERE account_id IS NULL AND organization_id =
     (SELECT id FROM organization WHERE identifier = $1) ORDER BY id`,
    [identifier],
  );
  expect(rows).toEqual([
    { kind: "add", credits: 50, balance: 50 },
    { kind: "add", credits: 25, balance: 75 },
    { kind: "add", credits: -75, balance: 0 },
    { kind: "add", credits: 1e12, balance: 1e12 },
  ]);
});

test("pages through the organizations in the order in which they were made", async () => {
  const made: string[] = [];
  for (const name of ["a", "b", "c", "d", "e"]) made.push((await create({ name })).identifier);
  const seen: string[] = [];
  let next: string | null = "";
  while (next !== null) {
    const query: string = next === "" ? "" : `&after=${next}`;
    const page = await operator.request<Page>("GET", `/organization?limit=2${query}`);
    expect(page.body.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.body.items.map(({ identifier }) => identifier));
    next = page.body.next;
  }
  expect(seen.slice(-5)).toEqual(made);
  expect(new Set(seen).size).toBe(seen.length);
});

test("an organization's accounts are its own", async () => {
  const [one, other] = [await create({ name: "one" }), await create({ name: "other" })];
  const made = await api.as(one.apiKey).request<{ identifier: string }>("POST", "/account", { body: { name: "x" } });
  const path = `/account/${made.body.identifier}`;
  const foreign = api.as(other.apiKey);
  expect((await foreign.request("GET", "/account")).body).toEqual({ accounts: [] });
  const answers = [
    await foreign.request("GET", path),
    await foreign.request("GET", `${path}/ledger`),
    await foreign.request("PATCH", path, { body: { name: "mine" } }),
    await foreign.request("PATCH", path, { body: { topup: 1 } }),
    await foreign.request("PATCH", "/topup", { body: { accountUuid: made.body.identifier, topup: 1 } }),
    await foreign.request("POST", `${path}/key`),
    await foreign.request("DELETE", path),
  ];
  const nowhere = await foreign.request("GET", "/account/00000000-0000-4000-8000-000000000000");
  for (const { status, text } of answers) expect({ status, text }).toEqual({ status: 404, text: nowhere.text });
});

test("takes the operator's key alone", async () => {
  const paths = [
    ["GET", "/organization"],
    ["POST", "/organization"],
    ["PATCH", "/organization/00000000-0000-4000-8000-000000000000"],
  ] as const;
  for (const [method, path] of paths) {
    for (const key of [organizationKey, api.key, newKey(), "", operatorKey.toUpperCase()]) {
      const refused = await api.request(method, path, { key, body: { name: "x" } });
      expect({ status: refused.status, type: refused.body.type }).toEqual({
        status: 400,
        type: "/docs#problem-invalid-key",
      });
    }
    const headers = { authorization: `Bearer ${api.key}` };
    expect((await api.request(method, path, { key: null, headers, body: { name: "x" } })).status).toBe(401);
  }
  const headers = { authorization: `Bearer ${operatorKey}` };
  expect((await api.request("GET", "/organization", { key: null, headers })).status).toBe(200);
  // Nor does it open what is others'.
  expect((await operator.request("GET", "/account")).status).toBe(400);
  expect((await operator.request("POST", "/message", { body: {} })).status).toBe(400);
});

test.each<[unknown, string[]]>([
  [{}, ["name"]],
  [{ name: "" }, ["name"]],
  [{ name: "a\0b" }, ["name"]],
  [{ name: "a\ud800" }, ["name"]],
  [{ name: "x".repeat(201) }, ["name"]],
  [{ name: "x", credits: "yes" }, ["credits"]],
  [{ name: "x", balance: -1 }, ["balance"]],
  [{ name: "x", balance: 1.5 }, ["balance"]],
  [{ name: "x", balance: 1e30 }, ["balance"]],
  [{ name: 5, Credits: true, balance: "1" }, ["name", "Credits", "balance"]],
])("names what is wrong with %j", async (body, paths) => {
  const refused = await operator.request("POST", "/organization", { body });
  expect(refused.status).toBe(400);
  expect(refused.body.errors?.map(({ path }) => path).sort()).toEqual([...paths].sort());
});

test.each<[unknown, string]>([
  [{}, ""],
  [{ balance: 5 }, "balance"],
  [{ balance: {} }, "balance.add"],
  [{ balance: { add: "5" } }, "balance.add"],
  [{ balance: { add: 1, set: 2 } }, "balance.set"],
  [{ name: "\0" }, "name"],
])("changes nothing for %j", async (body, path) => {
  const { identifier } = await create({ name: "same" });
  const refused = await operator.request("PATCH", `/organization/${identifier}`, { body });
  expect({ status: refused.status, paths: refused.body.errors?.map((error) => error.path) }).toEqual({
    status: 400,
    paths: [path],
  });
  expect(await find(identifier)).toMatchObject({ name: "same", balance: 0 });
});

test("knows no other organization", async () => {
  for (const uuid of ["00000000-0000-4000-8000-000000000000", "x", "%00"]) {
    expect((await operator.request("PATCH", `/organization/${uuid}`, { body: { name: "x" } })).status).toBe(404);
  }
});

interface Entry {
  at: string;
  key: string;
  action: string;
  object: string;
  organization_uuid?: string | null;
}
interface Audit {
  items: Entry[];
  next: string | null;
}

async function audit(api: typeof operator, query = ""): Promise<Audit> {
  const { status, body } = await api.request<Audit>("GET", `/audit${query}`);
  expect(status).toBe(200);
  return body;
}

const UUID = /^[0-9a-f-]{36}$/;

test("every change is told, with the name of the key that asked for it", async () => {
  const { api: organization, identifier } = await testOrganization(operator, 100);
  const ask = async <Answer>(method: string, path: string, body?: unknown, api = organization): Promise<Answer> => {
    const answer = await api.request<Answer>(method, path, body === undefined ? {} : { body });
    expect({ status: answer.status, path }).toEqual({ status: 200, path });
    return answer.body;
  };
  const named = { name: "Back office", scope: "admin" };
  const { apiKey, identifier: key } = await ask<{ apiKey: string; identifier: string }>(
    "POST",
    "/organization-keys",
    named,
  );
  const office = organization.as(apiKey);
  const { identifier: account } = await ask<{ identifier: string }>("POST", "/account", { name: "a" }, office);
  const path = `/account/${account}`;
  await ask("PATCH", path, { topup: 5 }, office);
  await ask("PATCH", path, { name: "b" }, office);
  await ask("POST", `${path}/key`, {}, office);
  const accountKey = await ask<{ identifier: string }>("POST", `${path}/keys`, { name: "x", scope: "read" }, office);
  await ask("DELETE", `${path}/keys/${accountKey.identifier}`, undefined, office);
  const secret = await ask<{ identifier: string }>("POST", `${path}/secret`, {}, office);
  await ask("DELETE", `${path}/secret/${secret.identifier}`, undefined, office);
  await ask("PUT", `${path}/webhook`, { inbound_url: "http://127.0.0.1:9/in" }, office);
  const sender = await ask<{ identifier: string }>("POST", "/sender", { value: "Audited" }, office);
  await ask("DELETE", `/sender/${sender.identifier}`, undefined, office);
  const login = await ask<{ identifier: string }>("POST", `${path}/smpp`, {}, office);
  await ask("PATCH", `${path}/smpp/${login.identifier}`, { binds: 2 }, office);
  await ask("POST", `${path}/smpp/${login.identifier}/password`, {}, office);
  await ask("DELETE", `${path}/smpp/${login.identifier}`, undefined, office);
  await ask("DELETE", "/handset/+447700900123", undefined, office);
  await ask("DELETE", path, undefined, office);
  await ask("DELETE", `/organization-keys/${key}`);
  await ask("PATCH", `/organization/${identifier}`, { name: "renamed" }, operator);

  const { items, next } = await audit(organization);
  expect(next).toBeNull();
  expect(items.map(({ key: by, action, object }) => [by, action, object]).reverse()).toEqual([
    ["operator", "organization.create", identifier],
    [expect.stringMatching(UUID), "key.create", key],
    ["Back office", "account.create", account],
    ["Back office", "account.topup", account],
    ["Back office", "account.change", account],
    ["Back office", "account.rotate-key", account],
    ["Back office", "key.create", accountKey.identifier],
    ["Back office", "key.revoke", accountKey.identifier],
    ["Back office", "secret.create", secret.identifier],
    ["Back office", "secret.delete", secret.identifier],
    ["Back office", "webhook.change", account],
    ["Back office", "sender.create", sender.identifier],
    ["Back office", "sender.delete", sender.identifier],
    ["Back office", "smpp.create", login.identifier],
    ["Back office", "smpp.change", login.identifier],
    ["Back office", "smpp.rotate-password", login.identifier],
    ["Back office", "smpp.delete", login.identifier],
    ["Back office", "handset.erase", "*0123"],
    ["Back office", "account.deactivate", account],
    [expect.stringMatching(UUID), "key.revoke", key],
    ["operator", "organization.change", identifier],
  ]);
  // No key is in it, nor what erasure would have to take.
  const { rows } = await program.database.pool.query<{ text: string }>(
    "SELECT string_agg(a::text, ' ') AS text FROM audit a",
  );
  for (const secretText of [apiKey, organization.key, "447700900123"]) expect(rows[0]!.text).not.toContain(secretText);

  // In pages, and for the operator all organizations'.
  const first = await audit(organization, "?limit=2");
  const second = await audit(organization, `?limit=2&after=${first.next}`);
  expect([...first.items, ...second.items]).toEqual(items.slice(0, 4));
  expect((await audit(operator, "?limit=1")).items).toEqual([{ ...items[0], organization_uuid: identifier }]);
  const shown = await command(["audit", "--url", program.url, "--key", organization.key, "--limit", "1", "--json"]);
  expect({ code: shown.code, items: JSON.parse(shown.stdout).items }).toEqual({ code: 0, items: [items[0]] });
});

test("a change that is refused leaves no trace, and one organization sees none of another's", async () => {
  const { api: organization } = await testOrganization(operator);
  const before = await audit(organization);
  const nobody = "00000000-0000-4000-8000-000000000000";
  for (const [method, path, body] of [
    ["PATCH", `/account/${nobody}`, { topup: 5 }],
    ["DELETE", `/account/${nobody}`, undefined],
    ["DELETE", `/sender/${nobody}`, undefined],
    ["DELETE", `/organization-keys/${nobody}`, undefined],
  ] as const) {
    expect((await organization.request(method, path, { body })).status).toBe(404);
  }
  expect(await audit(organization)).toEqual(before);
  expect(before.items.every(({ action }) => action === "organization.create" || action === "account.create")).toBe(
    true,
  );
});

test("what the operator does to the installation is told to the operator alone", async () => {
  const { body } = await operator.request<{ items: { id: string }[] }>("GET", "/carriers");
  const carrier = body.items[0]!.id;
  for (const path of [`/carriers/${carrier}/pause`, `/carriers/${carrier}/resume`, "/reload"]) {
    expect({ path, status: (await operator.request("POST", path)).status }).toEqual({ path, status: 200 });
  }
  const refused = await operator.request("POST", "/carriers/nobody/pause");
  const { items } = await audit(operator, "?limit=3");
  const { api: organization } = await testOrganization(operator);
  const told = (await audit(organization)).items.map(({ action }) => action);
  const common = { at: expect.any(String), key: "operator", organization_uuid: null };
  expect({ refused: refused.status, items: items.reverse(), told }).toEqual({
    refused: 404,
    items: [
      { ...common, action: "carrier.pause", object: carrier },
      { ...common, action: "carrier.resume", object: carrier },
      { ...common, action: "configuration.reload", object: "configuration" },
    ],
    told: ["organization.create"],
  });
});

test("an account's key opens it not, nor one that is none", async () => {
  for (const key of [program.api.key, newKey()]) {
    expect((await program.api.as(key).request("GET", "/audit")).status).toBe(400);
  }
  expect((await operator.request("GET", "/audit?after=x")).status).toBe(400);
});
