import { afterAll, expect, test } from "vitest";
import { mplus } from "../support/mplus.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";

const operatorKey = newKey();
const program = await startProgram({ config: { operatorKey } });
afterAll(program.stop);
const operator = program.api.as(operatorKey);
const { pool } = program.database;

interface Item {
  at: string;
  key: string;
  action: string;
  object: string;
  organization_uuid?: string | null;
}
interface Page {
  items: Item[];
  next: string | null;
}

async function audit(api: typeof operator, query = ""): Promise<Page> {
  const { status, body } = await api.request<Page>("GET", `/audit${query}`);
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
  const { rows } = await pool.query<{ text: string }>("SELECT string_agg(a::text, ' ') AS text FROM audit a");
  for (const secretText of [apiKey, organization.key, "447700900123"]) expect(rows[0]!.text).not.toContain(secretText);

  // In pages, and for the operator all organizations'.
  const first = await audit(organization, "?limit=2");
  const second = await audit(organization, `?limit=2&after=${first.next}`);
  expect([...first.items, ...second.items]).toEqual(items.slice(0, 4));
  expect((await audit(operator, "?limit=1")).items).toEqual([{ ...items[0], organization_uuid: identifier }]);
  const shown = await mplus(["audit", "--url", program.url, "--key", organization.key, "--limit", "1", "--json"]);
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
