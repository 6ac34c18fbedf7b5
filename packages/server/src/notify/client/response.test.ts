import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ResponseReader, type Unreadable } from "./response.ts";

/** Feeds an answer in pieces until it is read, unreadable or used up. */
function read(answer: string, pieces: (answer: Buffer) => Buffer[] = (whole) => [whole]) {
  const reader = new ResponseReader();
  let unreadable: Unreadable | null = null;
  for (const piece of pieces(Buffer.from(answer, "latin1"))) {
    unreadable ??= reader.feed(piece);
  }
  const { status, done, keepAlive, retryAfter, kept, bodyBytes } = reader;
  return { unreadable, status, done, keepAlive, retryAfter, bodyBytes, kept: kept?.toString("latin1") ?? null };
}

const bytewise = (whole: Buffer): Buffer[] => Array.from(whole, (_, index) => whole.subarray(index, index + 1));

const length = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe("an answer", () => {
  test.each([
    ["has a length", length("ok"), { done: true, keepAlive: true, kept: "ok" }],
    ["has no body", length(""), { done: true, keepAlive: true, kept: null }],
    ["is 204", "HTTP/1.1 204 No Content\r\n\r\n", { done: true, keepAlive: true, kept: null }],
    [
      "is 304 with the length of what it spares",
      "HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n",
      { done: true, kept: null },
    ],
    [
      "is said to be the last",
      "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n",
      { done: true, keepAlive: false },
    ],
    ["is of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", { done: true, keepAlive: false }],
    [
      "is of HTTP/1.0 and kept alive",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
      { keepAlive: true },
    ],
    ["ends with the connection", "HTTP/1.1 200 OK\r\n\r\nok", { done: false, keepAlive: false, kept: "ok" }],
    [
      "has the same length twice",
      "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok",
      { done: true, kept: "ok" },
    ],
    [
      "is chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX: y\r\n\r\n",
      { done: true, keepAlive: true, kept: "ok" },
    ],
    [
      "is coded twice, chunked last",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      { done: true, keepAlive: true },
    ],
    [
      "is coded, but not chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
      { done: false, keepAlive: false, kept: "ok" },
    ],
    [
      "is chunked by two fields, with an empty element",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding:\tCHUNKED ,\r\n\r\n0\r\n\r\n",
      { done: true, keepAlive: true },
    ],
    ...["x chunked", "x\tchunked", "chunked x", "xchunked", "chunked;a=b", "chunked, gzip", "chunked, chunked"].map(
      (coding): [string, string, object] => [
        `is coded as ${JSON.stringify(coding)}`,
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
        { done: false, keepAlive: false, kept: "0\r\n\r\n" },
      ],
    ),
    [
      "is chunked and has a length",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      { done: true, keepAlive: false },
    ],
    ["is longer than said", `${length("ok")}more`, { done: true, keepAlive: false, kept: "ok" }],
    ["has bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", { done: true, keepAlive: true, kept: "ok" }],
    [
      "comes after interim ones",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: y\r\n\r\n${length("ok")}`,
      { done: true, kept: "ok" },
    ],
    [
      "has a Retry-After",
      "HTTP/1.1 503 X\r\nretry-after:  7 \r\nContent-Length: 0\r\n\r\n",
      { status: 503, retryAfter: "7" },
    ],
    [
      "has bytes beyond ASCII",
      "HTTP/1.1 200 \xe4\r\nX: \xfc\r\nContent-Length: 0\r\n\r\n",
      { status: 200, done: true },
    ],
  ])("that %s is read whole and byte by byte", (_, answer, expected) => {
    expect(read(answer)).toMatchObject({ unreadable: null, ...expected });
    expect(read(answer, bytewise)).toEqual(read(answer));
  });

  test.each<[string, string, Unreadable]>([
    ["is not HTTP", "SSH-2.0-x\r\n", "protocol"],
    ["is of HTTP/2", "HTTP/2 200 OK\r\n\r\n", "protocol"],
    ["is of HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", "protocol"],
    ["has no status", "HTTP/1.1 OK\r\n\r\n", "protocol"],
    ["has four digits", "HTTP/1.1 2000 OK\r\n\r\n", "protocol"],
    ["switches protocols", "HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n", "protocol"],
    ["is interim too often", "HTTP/1.1 102 X\r\n\r\n".repeat(17), "protocol"],
    ["folds a header", "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", "protocol"],
    ["has a lone CR", "HTTP/1.1 200 OK\r\nX: y\rZ: 1\r\n\r\n", "protocol"],
    ["has two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", "protocol"],
    ["has a signed length", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "protocol"],
    ["has an empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "protocol"],
    ["has a long status line", `HTTP/1.1 200 ${"x".repeat(20_000)}`, "headers_too_large"],
    ["has long headers", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(3_000)}\r\n`, "headers_too_large"],
  ])("that %s cannot be read, whole or byte by byte", (_, answer, unreadable) => {
    expect(read(answer)).toMatchObject({ unreadable, status: null });
    expect(read(answer, bytewise)).toMatchObject({ unreadable, status: null });
  });

  test.each([
    ["chunk's size is no number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "protocol"],
    ["chunk is longer than said", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n", "protocol"],
    [
      "chunk's extension is endless",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${"x".repeat(300)}`,
      "protocol",
    ],
    [
      "trailers are endless",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${"X: y\r\n".repeat(3_000)}`,
      "headers_too_large",
    ],
  ])("whose %s still has its status", (_, answer, unreadable) => {
    expect(read(answer)).toMatchObject({ unreadable, status: 200, done: false });
    expect(read(answer, bytewise)).toMatchObject({ unreadable, status: 200, done: false });
  });

  test("keeps the first KiB of its body and counts the rest", () => {
    const body = "0123456789".repeat(1_000);
    expect(read(length(body), bytewise)).toMatchObject({ done: true, kept: body.slice(0, 1_024), bodyBytes: 10_000 });
  });
});

test("an answer is the same in whatever pieces it comes", () => {
  const body = fc.string({ unit: "binary-ascii", maxLength: 3_000 });
  const chunks = fc.array(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 300 }), { maxLength: 8 });
  const answer = fc.oneof(
    body.map(length),
    chunks.map(
      (all) =>
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${all.map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join("")}0\r\n\r\n`,
    ),
    fc.tuple(body, body).map(([one, two]) => `HTTP/1.1 100 Continue\r\n\r\n${length(one)}${two}`),
    fc.string({ unit: "binary-ascii" }).map((junk) => `HTTP/1.1 200 OK\r\n${junk}\r\n\r\n`),
  );
  fc.assert(
    fc.property(answer, fc.array(fc.nat(4_000)), (text, cuts) => {
      const split = (whole: Buffer): Buffer[] => {
        const at = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
        return at.slice(1).map((end, index) => whole.subarray(at[index], end));
      };
      expect(read(text, split)).toEqual(read(text));
    }),
  );
});

test("no input, however broken, makes it throw or keep more than a KiB of body", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "HTTP/1.1 200 OK\r\n",
      "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n",
      "\r\n",
      "5\r\n",
      "0\r\n",
    ),
    fc.string({ unit: "binary-ascii" }),
    fc.constant("x".repeat(2_000)),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const reader = new ResponseReader();
      for (const each of pieces) if (reader.feed(Buffer.from(each)) !== null) break;
      expect(reader.kept?.length ?? 0).toBeLessThanOrEqual(1_024);
    }),
  );
});

test("a head that comes octet by octet costs CPU in proportion to its length", () => {
  const cpu = (length: number, times: number) => {
    const head = Buffer.from(`HTTP/1.1 200 OK\r\n${"a:b\r\n".repeat(length / 5)}content-length: 0\r\n\r\n`);
    const before = process.cpuUsage();
    for (let time = 0; time < times; time++) {
      const reader = new ResponseReader();
      for (let at = 0; at < head.length; at++) reader.feed(head.subarray(at, at + 1));
      expect(reader.done).toBe(true);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / times;
  };
  cpu(1_600, 5);
  // Ten times the octets. What was copied anew for each of them made it over a hundred.
  expect(cpu(16_000, 5) / cpu(1_600, 50)).toBeLessThan(30);
});
