import { once } from "node:events";
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { type Problem, rawExchange } from "../support/api.ts";
import { startProgram } from "../support/program.ts";
import { within } from "../support/until.ts";

const LIMIT = 64 * 1024;
/** More than the sockets in between hold. */
const WRITTEN = 32 * 1024 * 1024;
const program = await startProgram({ config: { server: { bodyLimitBytes: LIMIT } } });
afterAll(program.stop);
const { api } = program;

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "Grüße €" };
const json = JSON.stringify({ messages: [message] });

/** The request's answer in short, after its shape as problem details was seen to. */
async function problemOf(method: string, path: string, options: Parameters<typeof api.request>[2] = {}) {
  const { status, headers, body } = await api.request<Problem>(method, path, options);
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(body).toMatchObject({ title: expect.any(String), status, detail: expect.any(String) });
  return `${status} ${body.type}`;
}

const fault = (status: number, name: string) => `${status} /docs#problem-${name}`;

test.each([
  ["none", undefined],
  ["JSON", "application/json"],
  ["JSON with a charset", "application/json; charset=utf-8"],
  ["JSON of a kind", "application/vnd.api+json"],
  ["a form", "application/x-www-form-urlencoded"],
  ["a form with files", "multipart/form-data; boundary=x"],
  ["text", "text/plain"],
  ["text with a parameter", "text/plain;charset=UTF-8"],
  ["bytes", "application/octet-stream"],
  ["XML", "text/xml"],
  ["an empty one", ""],
  ["one that is no media type", "json"],
  ["nonsense", ";;="],
])("reads JSON whatever the type says: %s", async (_name, type) => {
  const headers = type === undefined ? {} : { "content-type": type };
  const answer = await api.request("POST", "/message", { body: json, headers });
  expect(answer).toMatchObject({ status: 200, body: { messages: [message] } });
});

test.each([
  ["none", undefined, fault(400, "malformed-body")],
  ["JSON", "application/json", fault(400, "malformed-body")],
  ["JSON of a kind", "application/problem+json", fault(400, "malformed-body")],
  ["a form", "application/x-www-form-urlencoded", fault(415, "unsupported-media-type")],
  ["text", "text/plain", fault(415, "unsupported-media-type")],
  ["XML", "application/xml", fault(415, "unsupported-media-type")],
])("refuses what is not JSON by its type: %s", async (_name, type, expected) => {
  const headers = type === undefined ? {} : { "content-type": type };
  for (const body of ["messages=1", "{", "<a/>", '{"messages":[]}}', "NaN"]) {
    expect(await problemOf("POST", "/message", { body, headers })).toBe(expected);
  }
});

test("refuses JSON that is no object, for its fields", async () => {
  for (const body of ["1", '"x"', "null", "[]", "true"]) {
    expect(await problemOf("POST", "/message", { body })).toBe(fault(400, "invalid-request"));
    expect(await problemOf("POST", "/batch", { body })).toBe(fault(400, "invalid-request"));
  }
});

test("refuses an empty body, and one of white space", async () => {
  for (const body of [undefined, "", " \n"]) {
    expect(await problemOf("POST", "/message", { body })).toBe(fault(400, "malformed-body"));
    const headers = { "content-type": "application/json" };
    expect(await problemOf("POST", "/batch", { body, headers })).toBe(fault(400, "malformed-body"));
  }
});

test("reads a body behind a byte order mark", async () => {
  const answer = await api.request("POST", "/message", { body: `\ufeff${json}` });
  expect(answer).toMatchObject({ status: 200, body: { messages: [message] } });
});

test("refuses a body that is not UTF-8", async () => {
  const headers = { "content-type": "application/json" };
  for (const encoding of ["latin1", "utf16le"] as const) {
    const body = Buffer.from(json, encoding);
    expect(await problemOf("POST", "/message", { body, headers })).toBe(fault(400, "malformed-body"));
  }
});

test("refuses a text with escaped halves of surrogate pairs, and takes whole ones", async () => {
  const halves = json.replace("Grüße", "\\ud83d");
  expect(await problemOf("POST", "/message", { body: halves })).toBe(fault(400, "invalid-request"));
  const whole = json.replace("Grüße", "\\ud83d\\ude00");
  const answer = await api.request("POST", "/message", { body: whole });
  expect(answer).toMatchObject({ status: 200, body: { messages: [{ body: "😀 €" }] } });
});

test("refuses a body over the limit with 413, and takes one at the limit", async () => {
  const fill = (bytes: number) => json + " ".repeat(bytes - Buffer.byteLength(json));
  expect((await api.request("POST", "/message", { body: fill(LIMIT) })).status).toBe(200);
  expect(await problemOf("POST", "/message", { body: fill(LIMIT + 1) })).toBe(fault(413, "body-too-large"));
  const answer = await rawExchange(
    program.url,
    `POST /message?key=${api.key} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${(LIMIT + 1).toString(16)}\r\n${fill(LIMIT + 1)}\r\n0\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

const LENGTH = `Content-Length: ${WRITTEN}\r\n\r\n`;
const CHUNK = `Transfer-Encoding: chunked\r\n\r\n${WRITTEN.toString(16)}\r\n`;

test.each([
  ["over the limit, of a length that is said,", 413, `POST /message?key=${api.key}`, LENGTH, ""],
  ["over the limit, in chunks,", 413, `POST /message?key=${api.key}`, CHUNK, "\r\n0\r\n\r\n"],
  ["under a wrong key", 400, "POST /message?key=x", LENGTH, ""],
])("answers a body %s to a client that writes all of it before it reads", async (_name, status, to, fields, end) => {
  const { hostname, port } = new URL(program.url);
  const socket = createConnection(Number(port), hostname);
  const answer = text(socket);
  socket.write(`${to} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}`);
  const piece = Buffer.alloc(65_536, "x");
  for (let written = 0; written < WRITTEN; written += piece.length) {
    if (!socket.write(piece)) await within("the program to read on", once(socket, "drain"));
  }
  socket.write(end);
  expect(await within("the answer", answer)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test("ignores a body on GET", async () => {
  const [sent] = await api.send({ messages: [message] });
  for (const body of ["{", "not JSON", json, "x".repeat(LIMIT + 1)]) {
    const headers = { "content-type": "application/json" };
    const answer = await api.request("GET", `/batch/${sent?.batchUuid}`, { body, headers });
    expect(answer).toMatchObject({ status: 200, body: { counts: { total: 1 } } });
  }
});

test("ignores a body on DELETE", async () => {
  const path = "/account/00000000-0000-4000-8000-000000000000";
  for (const body of ["{", "not JSON", "x".repeat(LIMIT + 1)]) {
    const options = { key: program.organizationKey, body, headers: { "content-type": "application/json" } };
    expect(await problemOf("DELETE", path, options)).toBe(fault(404, "not-found"));
  }
});

test("answers 404 to what is nowhere, 405 with Allow to a method that a path does not take", async () => {
  expect(await problemOf("GET", "/nothing")).toBe(fault(404, "not-found"));
  expect(await problemOf("POST", "/messages", { body: json })).toBe(fault(404, "not-found"));
  expect(await problemOf("GET", "/batch/x/y")).toBe(fault(404, "not-found"));
  for (const [method, path, allow] of [
    ["GET", "/topup", "PATCH"],
    ["PUT", "/message", "POST"],
    ["DELETE", "/message/", "POST"],
    ["OPTIONS", "/message", "POST"],
    ["POST", "/dr-responses", "GET"],
    ["PATCH", "/health/live", "GET"],
    ["POST", "/batch/00000000-0000-4000-8000-000000000000", "GET"],
  ] as const) {
    const answer = await api.request(method, path);
    expect({ method, path, status: answer.status }).toEqual({ method, path, status: 405 });
    expect(answer.headers.allow?.split(", ")).toContain(allow);
    expect(answer.body.type).toBe("/docs#problem-method-not-allowed");
  }
});

test("answers HEAD as GET without the body", async () => {
  const [sent] = await api.send({ messages: [message] });
  for (const path of ["/health/live", "/health/ready", "/dr-responses", `/batch/${sent?.batchUuid}`]) {
    const [get, head] = await Promise.all([api.request("GET", path), api.request("HEAD", path)]);
    expect({ path, status: head.status, text: head.text }).toEqual({ path, status: 200, text: "" });
    expect(head.headers["content-type"]).toBe(get.headers["content-type"]);
  }
  expect((await api.request("HEAD", "/topup")).status).toBe(405);
});

test("takes a slash at the end of a path", async () => {
  expect((await api.request("POST", "/message/", { body: json })).status).toBe(200);
});

test.each([
  ["nonsense", "nonsense\r\n\r\n", 400],
  ["a request without a host", "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
  ["two lengths", "POST /message HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400],
  [
    "a length and chunks",
    "POST /message HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
  ],
  ["headers beyond the bound", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ["a path that cannot be decoded", "GET /batch/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400],
])("answers %s with problem details", async (_name, bytes, status) => {
  const answer = await rawExchange(program.url, bytes);
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head.toLowerCase()).toContain("content-type: application/problem+json");
  expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringMatching(/^\/docs#problem-/) });
});

test("a path of any length is only unknown", async () => {
  for (const length of [199, 201, 5_000]) {
    expect(await problemOf("GET", `/batch/${"x".repeat(length)}`)).toBe(fault(404, "not-found"));
  }
});

test("answers the receipt codes to anybody, as a bare list", async () => {
  const answer = await api.request<{ code: string; description: string }[]>("GET", "/dr-responses", { key: null });
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toMatch(/^application\/json\b/);
  const byCode = new Map(answer.body.map(({ code, description }) => [code, description]));
  expect(byCode.get("00")).toBe("Successful");
  expect(byCode.get("1")).toBe("Sent to SME but unable to confirm");
  expect(byCode.get("2")).toBe("replaced at the SMSC");
  expect(byCode.get("22")).toBe("No response from the SME (e.g. phone switched off)");
  for (const entry of answer.body) expect(Object.keys(entry)).toEqual(["code", "description"]);
  expect((await api.request("GET", "/dr-responses")).status).toBe(200);
  expect(await problemOf("GET", "/dr-responses?x=1", { key: null })).toBe(fault(400, "invalid-request"));
});
