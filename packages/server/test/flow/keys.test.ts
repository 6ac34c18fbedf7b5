import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import type { Problem } from "../support/api.ts";
import { addAccount, newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const [metricsKey, operatorKey] = [newKey(), newKey()];
const program = await startProgram({
  config: {
    operatorKey,
    metrics: { key: metricsKey },
    log: { level: "trace" },
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
  },
});
afterAll(program.stop);
const { api } = program;
const { pool } = program.database;
const otherKey = await addAccount(pool);
const wrongKey = randomBytes(16).toString("hex");

const body = { messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }] };
const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const ENDPOINTS = [
  ["POST", "/message"],
  ["POST", "/batch"],
  ["GET", `/batch/${UNKNOWN}`],
] as const;

test.each(ENDPOINTS)("%s %s needs an account's key: in the query 400, as a bearer token 401", async (method, path) => {
  const inQuery: Record<string, string> = {
    "no key": "",
    "an empty key": "key=",
    "a wrong key": `key=${wrongKey}`,
    "the organization's key": `key=${program.organizationKey}`,
    "an upper-case key": `key=${api.key.toUpperCase()}`,
    "a longer key": `key=${api.key}0`,
    "a key with a space": `key=${api.key}%20`,
    "the key twice": `key=${api.key}&key=${api.key}`,
    "the key in a list": `key[]=${api.key}`,
    "the key under another name": `Key=${api.key}`,
  };
  for (const [name, query] of Object.entries(inQuery)) {
    const refused = await api.request<Problem>(method, `${path}?${query}`, { key: null, body });
    const type = "/docs#problem-invalid-key";
    expect({ name, status: refused.status, type: refused.body.type }).toEqual({ name, status: 400, type });
    expect(refused.headers["www-authenticate"]).toBeUndefined();
  }
  for (const token of [wrongKey, program.organizationKey, api.key.toUpperCase(), "", `${api.key} x`]) {
    const headers = { authorization: `Bearer ${token}` };
    const refused = await api.request<Problem>(method, path, { key: null, body, headers });
    const type = "/docs#problem-invalid-token";
    expect({ token, status: refused.status, type: refused.body.type }).toEqual({ token, status: 401, type });
    expect(refused.headers["www-authenticate"]).toMatch(/^Bearer\b/);
  }
  const basic = { authorization: `Basic ${Buffer.from(api.key).toString("base64")}` };
  expect((await api.request(method, path, { key: null, body, headers: basic })).status).toBe(400);
});

test("a key is looked at before the body, the query and the type", async () => {
  const options = { key: null, body: "{", headers: { "content-type": "text/xml" } };
  const refused = await api.request("POST", `/message?x=1&key=${wrongKey}`, options);
  expect(refused.body.type).toBe("/docs#problem-invalid-key");
});

test("takes the account's key in the query or as a bearer token, its scheme in any case", async () => {
  for (const authorization of [`Bearer ${api.key}`, `bearer ${api.key}`, `BEARER  ${api.key}`]) {
    const answer = await api.request("POST", "/message", { key: null, body, headers: { authorization } });
    expect(answer.status).toBe(200);
  }
  // The query is what counts where both are there.
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const right = await api.request("POST", "/message", { body, headers: bearer(wrongKey) });
  expect(right.status).toBe(200);
  const wrong = await api.request("POST", "/message", { key: wrongKey, body, headers: bearer(api.key) });
  expect(wrong.status).toBe(400);
});

test("another account's batch is as unknown as one that is nowhere", async () => {
  const [sent] = await api.send(body);
  const batch = await api.sendBatch({ from: "MyShop", message: "x", destinations: ["447700900123"] });
  const given = await api.sendBatch({
    from: "MyShop",
    message: "x",
    destinations: ["447700900123"],
    id: "11111111-1111-4111-8111-111111111111",
  });
  const nowhere = await api.as(otherKey).request("GET", `/batch/${UNKNOWN}`);
  expect(nowhere.status).toBe(404);
  for (const uuid of [sent?.batchUuid, batch, given]) {
    expect((await api.request("GET", `/batch/${uuid}`)).status).toBe(200);
    for (const query of ["", "?details=true", "?details=true&limit=1"]) {
      const foreign = await api.as(otherKey).request("GET", `/batch/${uuid}${query}`);
      expect({ status: foreign.status, text: foreign.text }).toEqual({ status: 404, text: nowhere.text });
    }
  }
});

test("a revoked key, and a deactivated account's, is a wrong key, soon after", async () => {
  const [revoked, deactivated] = [await addAccount(pool), await addAccount(pool)];
  for (const key of [revoked, deactivated]) expect((await api.as(key).send(body)).length).toBe(1);
  const hash = "sha256(convert_to($1, 'UTF8'))";
  await pool.query(`UPDATE api_key SET revoked_at = now() WHERE hash = ${hash}`, [revoked]);
  await pool.query(
    `UPDATE account SET deleted_at = now() WHERE id = (SELECT account_id FROM api_key WHERE hash = ${hash})`,
    [deactivated],
  );
  for (const key of [revoked, deactivated]) {
    await until("the key to stop working", async () => {
      const { status } = await api.as(key).request("POST", "/message", { body });
      return status === 400;
    });
  }
});

test("no key is in the log, the output or the metrics", async () => {
  // Whatever goes wrong with a key in the query: malformed requests, faults of the store, unknown paths.
  await api.request("GET", "/nowhere");
  await api.request("GET", "/batch/%zz");
  await api.request("POST", "/message", { body: "{" });
  await pool.query("ALTER TABLE message_bundle RENAME TO lot_gone");
  const failed = await api.request("POST", "/message", { body });
  await pool.query("ALTER TABLE lot_gone RENAME TO message_bundle");
  expect(failed.status).toBe(500);
  expect(failed.text).not.toContain(api.key);
  const metrics = await api.request("GET", "/metrics", { key: metricsKey });
  expect(metrics.status).toBe(200);
  const { stdout, stderr } = program.output();
  expect(stderr).toContain("a request failed");
  const keys = [api.key, otherKey, wrongKey, program.organizationKey, metricsKey, operatorKey];
  for (const key of [...keys, api.key.toUpperCase()]) {
    for (const text of [stdout, stderr, metrics.text]) expect(text).not.toContain(key);
  }
});

test("no text and no number is in the log of a statement that the store refuses", async () => {
  await pool.query("ALTER TABLE message_bundle ADD CONSTRAINT none_at_all CHECK (false) NOT VALID");
  const to = "+447700900123";
  const messages = [{ from: { type: "custom", value: "MyShop" }, to, body: "Your code is 91827364" }];
  const { status, text } = await api.request("POST", "/message", { body: { messages } });
  await pool.query("ALTER TABLE message_bundle DROP CONSTRAINT none_at_all");
  expect(status).toBe(500);
  await until("the fault in the log", () => program.output().stderr.includes("none_at_all"));
  const { stdout, stderr } = program.output();
  expect(stderr).toMatch(/"code":"23514".*"table":"message_bundle".*"constraint":"none_at_all"/);
  for (const output of [stdout, stderr, text]) expect(output).not.toMatch(/447700900123|91827364/);
});

test("nor of an error that nothing caught, which ends the process", async () => {
  const log = new URL("../../dist/runtime/log.js", import.meta.url).href;
  const fault = `Object.assign(new Error("violated"), { code: "23505", severity: "ERROR", detail: "Key (to)=(447700900123)" })`;
  const script = `import { createLog, logUncaught } from ${JSON.stringify(log)};
    logUncaught(createLog({ level: "info", name: "test", readable: false }));
    void Promise.reject(${fault});`;
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, ["--input-type=module", "-e", script], (error, _, text) =>
      resolve({ code: error?.code ?? 0, stderr: text }),
    );
  });
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ level: "fatal", err: { code: "23505", message: "violated" } });
  expect(stderr).not.toContain("447700900123");
});

const bearer = (key: string) => ({ key: null, headers: { authorization: `Bearer ${key}` } });

test("metrics are for who has their key or the operator's, in either form", async () => {
  for (const options of [metricsKey, operatorKey].flatMap((key) => [{ key }, bearer(key)])) {
    const { status, text } = await api.request("GET", "/metrics", options);
    expect({ status, text }).toEqual({ status: 200, text: expect.stringContaining("# TYPE mplus_") });
  }
});

test("any other key, and none, is refused as everywhere", async () => {
  for (const key of [null, newKey(), "", api.key, program.organizationKey]) {
    const { status, body } = await api.request("GET", "/metrics", { key });
    expect({ status, type: body.type }).toEqual({ status: 400, type: "/docs#problem-invalid-key" });
  }
  for (const key of [newKey(), api.key]) {
    const { status, body, headers } = await api.request("GET", "/metrics", bearer(key));
    expect({ status, type: body.type }).toEqual({ status: 401, type: "/docs#problem-invalid-token" });
    expect(headers["www-authenticate"]).toMatch(/^Bearer/);
  }
});

test("the key of the metrics opens nothing else", async () => {
  for (const path of ["/batch", "/account", "/organization", "/carriers", "/me"]) {
    expect({ path, status: (await api.request("GET", path, { key: metricsKey })).status }).toEqual({
      path,
      status: 400,
    });
    expect({ path, status: (await api.request("GET", path, bearer(metricsKey))).status }).toEqual({
      path,
      status: 401,
    });
  }
});

test("whether the program is well, and its reference, are for everybody", async () => {
  for (const path of ["/health/live", "/health/ready", "/docs", "/openapi.json", "/dr-responses"]) {
    expect({ path, status: (await api.request("GET", path, { key: null })).status }).toEqual({ path, status: 200 });
  }
});

test.each(["organizationKey", "accountKey", "operatorKey"])("the key of the metrics must differ from %s", (name) => {
  const env = { MPLUS_METRICS_KEY: metricsKey, [`MPLUS_${name.replace("Key", "_KEY").toUpperCase()}`]: metricsKey };
  expect(() => loadConfig({ file: undefined, env, cwd: program.folder })).toThrow(
    "metrics.key: must differ from the other keys",
  );
});
