import { once } from "node:events";
import { createConnection } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import { rawExchange } from "../support/api.ts";
import { startProgram } from "../support/program.ts";
import { within } from "../support/until.ts";

/** What the head of a request decides before its body is read, whichever way the request goes. */

const LIMIT = 64 * 1024;
const program = await startProgram({ config: { server: { bodyLimitBytes: LIMIT } } });
afterAll(program.stop);
const { key } = program.api;

const JSON_BODY = JSON.stringify({
  messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }],
});
const LENGTH = `Content-Length: ${JSON_BODY.length}`;
const CHUNKED = `${JSON_BODY.length.toString(16)}\r\n${JSON_BODY}\r\n0\r\n\r\n`;
/** Plain requests are kept, all others are closed by this field, which is read by Node's server alone. */
const OTHER_WAY = ["TE: trailers", "Connection: close"];

const request = (fields: string[], body = JSON_BODY, line = `POST /message?key=${key} HTTP/1.1`): string =>
  `${[line, ...fields].join("\r\n")}\r\n\r\n${body}`;

/** The status and the type of the problem of a connection's only answer, after which it is closed. */
async function refusalOf(bytes: string | Buffer): Promise<string> {
  const [head = "", body = "", ...more] = (await rawExchange(program.url, bytes)).split("\r\n\r\n");
  expect(more).toEqual([]);
  const { type, status } = JSON.parse(body) as { type: string; status: number };
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head.toLowerCase()).toContain("connection: close");
  return `${status} ${type.replace("/docs#problem-", "")}`;
}

async function stored(): Promise<number> {
  const { rows } = await program.database.pool.query(`SELECT count(*)::int AS count FROM ${ACCEPTED}`);
  return rows[0].count;
}

test.each([
  ["none", []],
  ["two that differ", ["Host: x", "Host: y"]],
  ["two that are alike", ["Host: x", "host: x"]],
  ["user information", ["Host: someone@x"]],
  ["a blank", ["Host: x y"]],
  ["a path", ["Host: x/y"]],
  ["a list", ["Host: x, y"]],
  ["a port that is none", ["Host: x:80a"]],
])("refuses a request whose Host is at fault: %s", async (_name, hosts) => {
  const before = await stored();
  for (const more of [["Connection: close"], OTHER_WAY]) {
    expect(await refusalOf(request([...hosts, LENGTH, ...more]))).toBe("400 malformed-request");
  }
  expect(await refusalOf(request([...hosts, "Connection: close"], "", "GET /dr-responses HTTP/1.1"))).toBe(
    "400 malformed-request",
  );
  // Without `Connection: close` it is plain but for its Host.
  if (hosts.length > 0) {
    const socket = createConnection(Number(new URL(program.url).port), "127.0.0.1");
    socket.write(request([...hosts, LENGTH]));
    const [answer] = await within("the answer", once(socket, "data"));
    expect(String(answer).slice(0, 12)).toBe("HTTP/1.1 400");
    socket.destroy();
  }
  expect(await stored()).toBe(before);
});

test.each(["x", "x:80", "x:", "[::1]:8080", "127.0.0.1:1", "a-b.example", "m%C3%BCller.example", "under_score"])(
  "takes any Host of RFC 9110: %s",
  async (host) => {
    for (const more of [[], OTHER_WAY]) {
      const socket = createConnection(Number(new URL(program.url).port), "127.0.0.1");
      socket.write(request([`Host: ${host}`, LENGTH, ...more]));
      const [answer] = await within("the answer", once(socket, "data"));
      expect(String(answer).slice(0, 12)).toBe("HTTP/1.1 200");
      socket.destroy();
    }
  },
);

describe("a transfer coding", () => {
  const coded = (coding: string, version = "1.1") =>
    request(
      ["Host: x", ...coding.split("|").map((one) => `Transfer-Encoding: ${one}`), "Connection: close"],
      CHUNKED,
      `POST /message?key=${key} HTTP/${version}`,
    );

  test.each(["chunked", "Chunked"])("that is %s is read", async (coding) => {
    expect(await rawExchange(program.url, coded(coding))).toMatch(/^HTTP\/1\.1 200 /);
  });

  test.each([
    "gzip, chunked",
    "gzip|chunked",
    "gzip",
    "identity",
    "identity, chunked",
    ", chunked",
    "xchunked",
    "chunked, gzip",
    "chunked, chunked",
    "chunked|chunked",
    "chunked;a=b",
    "",
  ])("that is anything but chunked is refused: %s", async (coding) => {
    const before = await stored();
    expect(await refusalOf(coded(coding))).toBe("501 unsupported-transfer-coding");
    expect(await stored()).toBe(before);
  });

  test("beside a length, or of HTTP/1.0, which has none, is malformed", async () => {
    for (const coding of ["chunked", "gzip"]) {
      const fields = ["Host: x", `Transfer-Encoding: ${coding}`];
      expect(await refusalOf(request([...fields, LENGTH], CHUNKED))).toBe("400 malformed-request");
      expect(await refusalOf(request([LENGTH, ...fields], CHUNKED))).toBe("400 malformed-request");
    }
    expect(await refusalOf(coded("chunked", "1.0"))).toBe("400 malformed-request");
  });
});

describe("a content coding", () => {
  const packed = gzipSync(JSON_BODY);
  const coded = (coding: string, body: Buffer | string, more: string[]) =>
    Buffer.concat([
      Buffer.from(
        request(["Host: x", `Content-Encoding: ${coding}`, `Content-Length: ${body.length}`, ...more], ""),
        "latin1",
      ),
      Buffer.from(body),
    ]);

  test.each(["gzip", "br", "GZIP", "identity, gzip", "x-unknown"])("is refused: %s", async (coding) => {
    const before = await stored();
    for (const body of [packed, JSON_BODY]) {
      const answer = await rawExchange(program.url, coded(coding, body, ["Connection: close"]));
      expect(answer).toMatch(
        /^HTTP\/1\.1 415 [\s\S]*\r\naccept-encoding: identity\r\n[\s\S]*unsupported-content-coding/i,
      );
    }
    const { status, body } = await program.api.request("POST", "/message", {
      body: JSON_BODY,
      headers: { "content-encoding": coding },
    });
    expect({ status, type: body.type }).toEqual({ status: 415, type: "/docs#problem-unsupported-content-coding" });
    expect(await stored()).toBe(before);
  });

  test("is refused on every path that reads a body, and ignored where none is read", async () => {
    const headers = { "content-encoding": "gzip" };
    for (const [method, path] of [
      ["POST", "/account"],
      ["POST", "/batch"],
      ["PATCH", "/topup"],
    ] as const) {
      const options = { key: program.organizationKey, headers, body: "{}" };
      expect({ path, status: (await program.api.request(method, path, options)).status }).toEqual({
        path,
        status: 415,
      });
    }
    expect((await program.api.request("GET", "/batch", { headers, body: packed })).status).toBe(200);
  });

  test("of nothing is none", async () => {
    for (const more of [[], OTHER_WAY]) {
      for (const coding of ["identity", "Identity"]) {
        const socket = createConnection(Number(new URL(program.url).port), "127.0.0.1");
        socket.write(coded(coding, JSON_BODY, more));
        const [answer] = await within("the answer", once(socket, "data"));
        expect(String(answer).slice(0, 12)).toBe("HTTP/1.1 200");
        socket.destroy();
      }
    }
  });
});

describe("Expect: 100-continue", () => {
  const asking = (length: number, target = `/message?key=${key}`) =>
    request(["Host: x", "Expect: 100-continue", `Content-Length: ${length}`], "", `POST ${target} HTTP/1.1`);

  test("is answered with 100 once the body is wanted, and the body is read", async () => {
    const socket = createConnection(Number(new URL(program.url).port), "127.0.0.1");
    socket.write(asking(JSON_BODY.length));
    const [first] = await within("100 Continue", once(socket, "data"));
    expect(String(first)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write(JSON_BODY);
    const [second] = await within("the answer", once(socket, "data"));
    expect(String(second)).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  test.each([
    ["a body beyond the limit", LIMIT + 1, undefined, "413 body-too-large"],
    ["a wrong key", 5, `/message?key=${"0".repeat(32)}`, "400 invalid-key"],
    ["an unknown path", 5, "/nowhere", "404 not-found"],
    ["a method that the path does not take", 5, "/dr-responses", "405 method-not-allowed"],
  ])("is refused at once, and closed, before one octet of the body: %s", async (_name, length, target, expected) => {
    expect(await refusalOf(asking(length, target))).toBe(expected);
    const closing = asking(length, target).replace("\r\n", "\r\nConnection: close\r\n");
    expect(await refusalOf(closing)).toBe(expected);
  });

  test("is all that may be expected", async () => {
    for (const expected of ["miracles", "100-continue, miracles", "200-ok"]) {
      const fields = ["Host: x", `Expect: ${expected}`, LENGTH];
      expect(await refusalOf(request(fields))).toBe("417 expectation-failed");
    }
  });

  test("of HTTP/1.0 is ignored", async () => {
    const line = `POST /message?key=${key} HTTP/1.0`;
    const answer = await rawExchange(program.url, request(["Expect: 100-continue", LENGTH], JSON_BODY, line));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});
