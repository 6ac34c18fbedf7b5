import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";

const operatorKey = newKey();
const program = await startProgram({ config: { operatorKey } });
afterAll(program.stop);
const operator = program.api.as(operatorKey);
const { api: organization } = await testOrganization(operator);

interface Made {
  identifier: string;
  system_id: string;
  password: string;
}

async function newAccount(owner = organization) {
  const { body } = await owner.request<{ identifier: string }>("POST", "/account", { body: { name: "x" } });
  return `/account/${body.identifier}/smpp`;
}

const make = (path: string, body: object = {}) => organization.request<Made>("POST", path, { body });

test("a credential is made with a password of its own, and listed without", async () => {
  const path = await newAccount();
  const { status, body } = await make(path);
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      identifier: expect.stringMatching(/^[0-9a-f-]{36}$/),
      system_id: expect.stringMatching(/^mp\d{10}$/),
      password: expect.stringMatching(/^[a-zA-Z2-9]{8}$/),
    },
  });
  const defaults = { binds: 4, window: 100, throughput: null, allow: [], alphabet: "gsm" };
  const { body: listed, text } = await organization.request<{ items: object[] }>("GET", path);
  expect(listed.items).toEqual([
    {
      identifier: body.identifier,
      system_id: body.system_id,
      ...defaults,
      created_at: expect.stringMatching(/Z$/),
    },
  ]);
  expect(text).not.toContain(body.password);
  const { rows } = await program.database.pool.query("SELECT hash, * FROM smpp_credential WHERE identifier = $1", [
    body.identifier,
  ]);
  expect(JSON.stringify(rows)).not.toContain(body.password);
  expect(rows[0].hash).toHaveLength(48);
});

test("a system_id is one on the whole platform", async () => {
  const path = await newAccount();
  const other = await testOrganization(operator);
  expect((await make(path, { system_id: "mine" })).status).toBe(200);
  const otherPath = await newAccount(other.api);
  const { status, body } = await other.api.request("POST", otherPath, { body: { system_id: "mine" } });
  expect({ status, type: body.type }).toEqual({ status: 409, type: "/docs#problem-system-id-used" });
  const { body: second } = await other.api.request<Made>("POST", otherPath, { body: { system_id: "another" } });
  const change = await other.api.request("PATCH", `${otherPath}/${second.identifier}`, { body: { system_id: "mine" } });
  expect({ status: change.status, type: change.body.type }).toEqual({
    status: 409,
    type: "/docs#problem-system-id-used",
  });
});

test.each([
  [{ system_id: "" }, "system_id"],
  [{ system_id: "more-than-15-chars" }, "system_id"],
  [{ system_id: "a b" }, "system_id"],
  [{ binds: 0 }, "binds"],
  [{ binds: 65 }, "binds"],
  [{ window: 0 }, "window"],
  [{ throughput: 0 }, "throughput"],
  [{ allow: ["192.0.2.0/33"] }, "allow[0]"],
  [{ allow: ["192.0.2.0/24", "example.com"] }, "allow[1]"],
  [{ allow: ["fe80::1%eth0"] }, "allow[0]"],
  [{ alphabet: "utf8" }, "alphabet"],
  [{ password: "mine" }, "password"],
])("%j is refused", async (fields, at) => {
  const path = await newAccount();
  const { status, body } = await make(path, fields);
  expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ path: at }] } });
});

test("a change takes what it names and leaves the rest", async () => {
  const path = await newAccount();
  const { body } = await make(path, { throughput: 5, allow: ["192.0.2.1", "2001:db8::/32"], alphabet: "ascii" });
  const one = `${path}/${body.identifier}`;
  expect((await organization.request("PATCH", one, { body: {} })).status).toBe(400);
  expect((await organization.request("PATCH", one, { body: { throughput: null, binds: 9 } })).status).toBe(200);
  const { body: listed } = await organization.request<{ items: object[] }>("GET", path);
  expect(listed.items).toMatchObject([
    { binds: 9, window: 100, throughput: null, allow: ["192.0.2.1", "2001:db8::/32"], alphabet: "ascii" },
  ]);
});

test("another organization's, and what is not there, is not found", async () => {
  const path = await newAccount();
  const { body } = await make(path);
  const { api: other } = await testOrganization(operator);
  const [, account] = path.split("/account/");
  const unknown = `/account/${account!.split("/")[0]}/smpp/${randomUUID()}`;
  for (const [api, one] of [
    [other, `${path}/${body.identifier}`],
    [organization, unknown],
    [organization, `${path}/x`],
  ] as const) {
    expect((await api.request("PATCH", one, { body: { binds: 1 } })).status).toBe(404);
    expect((await api.request("POST", `${one}/password`)).status).toBe(404);
    expect((await api.request("DELETE", one)).status).toBe(404);
  }
  expect((await other.request("POST", path, { body: {} })).status).toBe(404);
  expect((await other.request("GET", path)).status).toBe(404);
  expect((await organization.request("DELETE", `${path}/${body.identifier}`)).status).toBe(200);
  expect((await organization.request("DELETE", `${path}/${body.identifier}`)).status).toBe(404);
});
