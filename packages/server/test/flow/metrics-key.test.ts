import { afterAll, expect, test } from "vitest";
import { loadConfig } from "../../src/config/config.ts";
import { newKey, startProgram } from "../support/program.ts";

const [metricsKey, operatorKey] = [newKey(), newKey()];
const program = await startProgram({ config: { metrics: { key: metricsKey }, operatorKey } });
afterAll(program.stop);
const { api } = program;
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

test("it opens nothing else", async () => {
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

test.each(["organizationKey", "accountKey", "operatorKey"])("it must differ from %s", (name) => {
  const env = { MPLUS_METRICS_KEY: metricsKey, [`MPLUS_${name.replace("Key", "_KEY").toUpperCase()}`]: metricsKey };
  expect(() => loadConfig({ file: undefined, env, cwd: program.folder })).toThrow(
    "metrics.key: must differ from the other keys",
  );
});
