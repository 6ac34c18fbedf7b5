import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rememberingLast } from "../../runtime/remembered.ts";
import { type PlainRequest, readHead, readPlainRequest } from "./plain-request.ts";

const LIMIT = 1_000;
const LINES = ["Host: example.com", "Content-Type: application/json", "Content-Length: 2"];
const read = (text: string, limit = LIMIT) => readPlainRequest(Buffer.from(text, "latin1"), limit);
const request = (line: string, lines: readonly string[] = LINES, body = "{}") =>
  `${[line, ...lines].join("\r\n")}\r\n\r\n${body}`;
const LINE = "POST /message?key=abc HTTP/1.1";

describe("a plain request", () => {
  test("is read whole", () => {
    const lines = [
      ...LINES,
      "Authorization: Bearer x  ",
      "idempotency-key:one",
      "Connection: Keep-Alive",
      "X-Other: y",
    ];
    expect(read(request("POST /batch?key=abc&dryRun=true HTTP/1.1", lines))).toEqual({
      path: "/batch",
      query: { key: "abc", dryRun: "true" },
      headers: {
        host: "example.com",
        "content-type": "application/json",
        "content-length": "2",
        authorization: "Bearer x",
        "idempotency-key": "one",
      },
      body: Buffer.from("{}"),
    });
  });

  test.each(["/message", "/message?", "/batch"])("needs no query: %s", (target) => {
    expect(read(request(`POST ${target} HTTP/1.1`))).toMatchObject({ query: {} });
  });

  test("is incomplete until its body is there, and nothing plain with a byte more", () => {
    const whole = request(LINE);
    expect(read(whole.slice(0, -1))).toBe(1);
    expect(read(`${whole}P`)).toBe("other");
  });
});

describe("what is not plain is left to others", () => {
  test.each([
    ["another method", request("GET /message?key=abc HTTP/1.1")],
    ["another path", request("POST /account?key=abc HTTP/1.1")],
    ["a slash behind the path", request("POST /message/?key=abc HTTP/1.1")],
    ["a whole URL", request("POST http://example.com/message HTTP/1.1")],
    ["another version", request("POST /message?key=abc HTTP/1.0")],
    ["percent-encoding", request("POST /message?key=%61bc HTTP/1.1")],
    ["a plus", request("POST /message?key=a+bc HTTP/1.1")],
    ["a parameter twice", request("POST /message?key=abc&key=abc HTTP/1.1")],
    ["a parameter without a value", request("POST /message?key HTTP/1.1")],
    ["two equals signs", request("POST /message?key=a=b HTTP/1.1")],
    ["a parameter of every object", request("POST /message?__proto__=a HTTP/1.1")],
    ["no host", request(LINE, LINES.slice(1))],
    ["two hosts", request(LINE, [...LINES, "Host: example.org"])],
    ["a host with a blank", request(LINE, ["Host: a b", ...LINES.slice(1)])],
    ["a coded body", request(LINE, [...LINES, "Content-Encoding: gzip"])],
    ["no length", request(LINE, LINES.slice(0, 2))],
    ["two lengths", request(LINE, [...LINES, "Content-Length: 2"])],
    ["a length that is none", request(LINE, [...LINES.slice(0, 2), "Content-Length: +2"])],
    ["a length in hexadecimal", request(LINE, [...LINES.slice(0, 2), "Content-Length: 0x2"])],
    ["two types", request(LINE, [...LINES, "content-type: text/plain"])],
    ["chunks", request(LINE, [...LINES, "Transfer-Encoding: chunked"])],
    ["an expectation", request(LINE, [...LINES, "Expect: 100-continue"])],
    ["an upgrade", request(LINE, [...LINES, "Upgrade: h2c", "Connection: Upgrade"])],
    ["an end of the connection", request(LINE, [...LINES, "Connection: close"])],
    ["an empty value", request(LINE, [...LINES, "Accept:"])],
    ["a folded line", request(LINE, [...LINES, "X-Long: a", " b"])],
    ["a blank before the colon", request(LINE, [...LINES, "Content-Length : 2"])],
    ["a bare LF", request(LINE, [...LINES, "X-A: b\nContent-Length: 5"])],
    ["a bare CR", request(LINE, [...LINES, "X-A: b\rc"])],
    ["a NUL", request(LINE, [...LINES, "X-A: b\0"])],
    ["a letter beyond ASCII", request(LINE, [...LINES, "X-A: \xe9"])],
    ["a line that is no field", request(LINE, [...LINES, "nonsense"])],
    ["half a header", request(LINE).slice(0, 40)],
    ["a long header", request(LINE, [...LINES, `X-A: ${"a".repeat(9_000)}`])],
    ["a long body", request(LINE, [...LINES.slice(0, 2), `Content-Length: ${LIMIT + 1}`])],
    ["nothing", ""],
    ["what is no HTTP", "\x16\x03\x01\x02"],
  ])("%s", (_name, text) => {
    expect(read(text)).toBe("other");
  });
});

test("a request with one octet changed is refused to be plain, or means what its octets say", () => {
  const whole = Buffer.from(request(LINE), "latin1");
  const head = whole.indexOf("\r\n\r\n");
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, octet) => {
      const bytes = Buffer.from(whole);
      bytes[at] = octet;
      const reading = readPlainRequest(bytes, LIMIT);
      if (typeof reading !== "object") return;
      const { headers, body } = reading satisfies PlainRequest;
      expect(Number(headers["content-length"])).toBe(body.length);
      expect(bytes.subarray(head + 4).equals(body)).toBe(true);
    }),
  );
});

test("of one connection, a head is read anew as soon as a letter of it is another", () => {
  const readNextHead = rememberingLast(readHead);
  const readNext = (text: string) => readPlainRequest(Buffer.from(text, "latin1"), LIMIT, readNextHead);
  for (const key of ["abc", "abc", "abd"]) {
    for (const body of ["{}", "[]", "[1]"]) {
      const lines = [...LINES.slice(0, 2), `Content-Length: ${body.length}`];
      const next = request(`POST /message?key=${key} HTTP/1.1`, lines, body);
      expect(readNext(next)).toEqual(read(next));
      expect(readNext(next)).toMatchObject({ query: { key }, body: Buffer.from(body) });
      expect(readNext(next.slice(0, -1))).toBe(1);
    }
  }
  expect(readNext(request("GET /message?key=abd HTTP/1.1"))).toBe("other");
});
