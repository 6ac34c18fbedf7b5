import { afterAll, expect, test } from "vitest";
import { rawExchange } from "../support/api.ts";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const program = await startProgram();
afterAll(program.stop);
const { api, url } = program;
const talkative = await startProgram({ config: { log: { requests: "all" } } });
afterAll(talkative.stop);

const body = { messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }] };
const OWN = /^[0-9a-f]{12}-[0-9a-z]+$/;

interface Line {
  request?: string;
  method?: string | null;
  path?: string | null;
  status?: number;
  ms?: number;
  account?: string;
  msg: string;
  times?: number;
}

function linesOf({ output }: Pick<typeof program, "output">): Line[] {
  const lines = output().stderr.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** A field that only Node's server reads: the request goes through Fastify. */
const OTHER_WAY = { te: "trailers" };

test.each<[string, "GET" | "POST", string, Record<string, string>]>([
  ["the fast path", "POST", "/message", {}],
  ["the same through Fastify", "POST", "/message", OTHER_WAY],
  ["a list", "GET", "/batch", {}],
  ["what is not there", "GET", "/nowhere", {}],
  ["a wrong body", "POST", "/message?x=1", {}],
  ["a page", "GET", "/docs", {}],
])("the answer of %s has the request's own id where it is short and plain", async (_, method, path, headers) => {
  const ask = async (id?: string) => {
    const given = id === undefined ? headers : { ...headers, "x-request-id": id };
    const answer = await api.request(method, path, { headers: given, ...(method === "POST" ? { body } : {}) });
    return String(answer.headers["x-request-id"]);
  };
  for (const id of ["a", "Order-17_b.3", "9".repeat(64)]) expect(await ask(id)).toBe(id);
  for (const id of ["9".repeat(65), "two words", "a/b", "a,b", undefined]) expect(await ask(id)).toMatch(OWN);
  expect(await ask()).not.toBe(await ask());
});

test.each([
  ["is no HTTP", "HELLO\r\n\r\n", 400],
  ["expects what nobody does", "GET /batch HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n", 417],
  ["has a header that is too large", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ["has a path that cannot be read", "GET /batch/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400],
])("what %s has one too, and is in the log", async (_, bytes, status) => {
  const answer = await rawExchange(program.url, bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  const id = /^x-request-id: (\S+)\r$/im.exec(answer)?.[1];
  expect(id).toMatch(OWN);
  await until("its line", () => linesOf(program).some((line) => line.request === id && line.status === status));
});

test("a request that fails has a line with its id, its account and no key", async () => {
  const { status } = await api.request("POST", "/batch?x=1", { body: {}, headers: { "x-request-id": "fails" } });
  expect(status).toBe(400);
  const line = await until("its line", () => linesOf(program).find(({ request }) => request === "fails"));
  const account = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(line).toMatchObject({ method: "POST", path: "/batch", status: 400, ms: expect.any(Number), account });
  await api.request("GET", `/batch/${api.key}`, { headers: { "x-request-id": "key-in-path" } });
  await until("its line", () => linesOf(program).some(({ request }) => request === "key-in-path"));
  expect(program.output().stderr).not.toContain(api.key);
  // What is well has none.
  await api.request("GET", "/batch", { headers: { "x-request-id": "is-well" } });
  await api.request("GET", "/nowhere", { headers: { "x-request-id": "after-it" } });
  await until("the one after it", () => linesOf(program).some(({ request }) => request === "after-it"));
  expect(program.output().stderr).not.toContain("is-well");
});

test("log.requests: all has a line for each", async () => {
  for (const headers of [{ "x-request-id": "fast" }, { ...OTHER_WAY, "x-request-id": "other" }]) {
    await talkative.api.request("POST", "/message", { body, headers });
  }
  for (const id of ["fast", "other"]) {
    const line = await until("its line", () => linesOf(talkative).find(({ request }) => request === id));
    expect(line).toMatchObject({ method: "POST", path: "/message", status: 200 });
  }
});

test("requests and accepted messages are counted", async () => {
  const { text } = await talkative.api.request("GET", "/metrics", { key: null });
  expect(text).toMatch(/^mplus_http_requests_total\{(?=[^}]*route="POST \/message")(?=[^}]*status="200")[^}]*\} 2$/m);
  expect(text).toMatch(/^mplus_messages_accepted_total\{[^}]*\} 2$/m);
});

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
