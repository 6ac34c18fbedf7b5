import { afterAll, expect, test } from "vitest";
import { rawExchange } from "../support/api.ts";
import { startProgram } from "../support/program.ts";

const program = await startProgram();
afterAll(program.stop);
const { api, url } = program;

const body = {
  messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }],
};

test("no cache keeps what was answered for a key", async () => {
  const [sent] = await api.send(body);
  for (const [method, path, options, status] of [
    ["POST", "/message", { body }, 200],
    // By Node's server instead of the fast path.
    ["POST", "/message", { body, headers: { te: "trailers" } }, 200],
    ["POST", "/message", { body: {} }, 400],
    ["POST", "/message", { body, key: "0".repeat(32) }, 400],
    ["POST", "/message", { body, headers: { expect: "miracles" } }, 417],
    ["GET", "/batch", {}, 200],
    ["GET", `/batch/${sent!.batchUuid}?details=true`, {}, 200],
    ["HEAD", "/batch", {}, 200],
    ["GET", "/batch/none", {}, 404],
    ["GET", "/batch/%zz", {}, 400],
    ["GET", "/nowhere", {}, 404],
    ["PUT", "/message", {}, 405],
    ["GET", "/account", { key: program.organizationKey }, 200],
  ] as const) {
    const answer = await api.request(method, path, options);
    expect({ method, path, status: answer.status, caching: answer.headers["cache-control"] }).toEqual({
      method,
      path,
      status,
      caching: "no-store",
    });
  }
});

test("nor what could not be read", async () => {
  for (const bytes of ["nonsense\r\n\r\n", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`]) {
    expect(await rawExchange(url, bytes)).toMatch(/^HTTP\/1\.1 4\d\d [\s\S]*\r\ncache-control: no-store\r\n/);
  }
});

test("pages that are the same for everybody may be kept, and are asked about", async () => {
  for (const path of ["/docs", "/openapi.json", "/dashboard"]) {
    const first = await api.request("GET", path, { key: null });
    expect({ path, status: first.status, caching: first.headers["cache-control"] }).toEqual({
      path,
      status: 200,
      caching: "no-cache",
    });
    const headers = { "if-none-match": first.headers.etag! };
    expect((await api.request("GET", path, { key: null, headers })).status).toBe(304);
  }
});
