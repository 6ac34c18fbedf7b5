import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, afterEach, expect, test } from "vitest";
import { PROBLEMS } from "../../src/runtime/problems.ts";
import { rawExchange } from "../support/api.ts";
import { LONG, SEED } from "../support/long-run.ts";
import { until, within } from "../support/until.ts";
import { CHANCES, each, expectNothingOf, startRig } from "./rig.ts";

const rig = await startRig();
const { api, url } = rig.program;
afterAll(rig.program.stop);
const key = rig.keys[0]!;

expectNothingOf(rig);
afterEach(async () => {
  expect((await api.request("GET", "/health/ready")).status).toBe(200);
});

const right = JSON.stringify({
  messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }],
});
const head = (...fields: string[]): string =>
  [`POST /message?key=${key} HTTP/1.1`, "Host: x", ...fields, "", ""].join("\r\n");
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

test.each([
  ["a length that is longer than the body", head(`Content-Length: ${right.length + 1}`) + right],
  ["a length far beyond the limit", `${head("Content-Length: 99999999999")}${right}`],
  ["half of a body", head(`Content-Length: ${right.length}`) + right.slice(0, 50)],
  ["half of a header", head(`Content-Length: ${right.length}`).slice(0, 60)],
  ["a chunk without an end", head("Transfer-Encoding: chunked") + chunk(right)],
  ["half of a chunk", head("Transfer-Encoding: chunked") + chunk(right).slice(0, 50)],
])("takes nothing of a request that breaks off: %s", async (_name, bytes) => {
  for (const leave of ["end", "destroy"] as const) {
    const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
    await once(socket, "connect");
    await new Promise<void>((written) => socket.write(bytes, () => written()));
    socket.on("error", () => {});
    if (leave === "end") socket.end();
    else socket.destroy();
    await within("the connection to close", once(socket.resume(), "close"));
  }
});

test.each([
  ["a length that is shorter than the body", head(`Content-Length: ${right.length - 1}`) + right],
  ["no length", head() + right],
  ["a length below zero", head("Content-Length: -1") + right],
  ["a length with a sign", head("Content-Length: +5") + right],
  ["a length in hexadecimal", head("Content-Length: 0x5") + right],
  ["two lengths in one", head("Content-Length: 5, 5") + right],
  ["a length beyond all numbers", head("Content-Length: 99999999999999999999999") + right],
  ["a length and chunks", head("Content-Length: 5", "Transfer-Encoding: chunked") + chunk(right)],
  ["a coding that is not known", head("Transfer-Encoding: gzip", "Connection: close") + chunk(right)],
  ["chunks twice", head("Transfer-Encoding: chunked, chunked") + chunk(right)],
  ["a chunk of a length that is none", `${head("Transfer-Encoding: chunked")}zz\r\n${right}\r\n0\r\n\r\n`],
  ["a chunk beyond all numbers", `${head("Transfer-Encoding: chunked")}ffffffffffffffffff\r\n${right}\r\n0\r\n\r\n`],
  ["a chunk below zero", `${head("Transfer-Encoding: chunked")}-1\r\n${right}\r\n0\r\n\r\n`],
  [
    "a packed body",
    `${head("Content-Encoding: gzip", "Content-Length: 4", "Connection: close")}\u001f\u008b\u0008\u0000`,
  ],
  ["an expectation that is not known", `${head("Expect: miracles", "Connection: close", "Content-Length: 2")}{}`],
  ["NUL in a header", `${head("X: \0", "Content-Length: 2")}{}`],
  ["a header without a name", `${head(": x", "Content-Length: 2")}{}`],
  ["a space before the colon", `${head("Content-Length : 2")}{}`],
  ["a folded header", `${head("X: a\r\n b", "Connection: close", "Content-Length: 2")}{}`],
  ["a lone carriage return", `${head("X: a\rb", "Content-Length: 2")}{}`],
  ["no version", `POST /message?key=${key}\r\n\r\n`],
  ["another version", `POST /message?key=${key} HTTP/3.0\r\nHost: x\r\n\r\n`],
  ["a method that is none", `SEND /message?key=${key} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ["a method in lower case", `post /message?key=${key} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["TLS", "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003".padEnd(170, "\u0000")],
  ["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
  [
    "another's URL",
    `GET http://other.example/batch?key=${"0".repeat(32)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  ],
  ["a path beyond the bound", `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ["headers beyond the bound, in number", `GET /batch HTTP/1.1\r\nHost: x\r\n${"a: b\r\n".repeat(20_000)}\r\n`],
  ["a tunnel", "CONNECT other.example:80 HTTP/1.1\r\nHost: other.example:80\r\nConnection: close\r\n\r\n"],
])("refuses %s", async (_name, bytes) => {
  const answer = await rawExchange(url, Buffer.from(bytes, "latin1"));
  // A tunnel is cut without a word.
  if (bytes.startsWith("CONNECT") && answer === "") return;
  const [first] = answersIn(answer);
  expect({ status: first?.status, answer }).toEqual({
    status: expect.toSatisfy((status: number) => status >= 400 && isTheirs(status)),
    answer,
  });
});

test.each([
  ["an unknown path", "/nowhere", 404],
  ["a known path under another method", "/dr-responses", 405],
  ["a carrier's path where there is none", "/rcs/none", 404],
  ["a path with a key, without one", "/batch", 400],
  ["a path with a key, with a wrong one", `/message?key=${"0".repeat(32)}`, 400],
])("answers before one octet of a body has come: %s", async (_what, path, status) => {
  const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n`);
  const [answer] = await within("the refusal", once(socket, "data"));
  expect(String(answer).slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  socket.destroy();
});

test("answers what came before garbage, and refuses that", async () => {
  const asked = "GET /dr-responses HTTP/1.1\r\nHost: x\r\n\r\n";
  const answers = answersIn(await rawExchange(url, `${asked}${asked}\0\0garbage\r\n\r\n${asked}`));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
});

test("answers what is under way before it refuses garbage behind it: it may be done", async () => {
  const asked = `${head(`Content-Length: ${right.length}`).replace("?", "?dryRun=true&")}${right}`;
  for (const garbage of ["\0\r\n\r\n", head("Content-Length: x"), `${head("Transfer-Encoding: chunked")}zz\r\n`]) {
    const answers = answersIn(await rawExchange(url, `${asked}${asked}${garbage}`));
    expect({ garbage, statuses: answers.map(({ status }) => status) }).toEqual({ garbage, statuses: [200, 200, 400] });
  }
});

test("answers a hundred requests in a row in their order", async () => {
  const asked = Array.from(
    { length: 100 },
    (_, at) => `GET ${at % 2 === 0 ? "/dr-responses" : "/nowhere"} HTTP/1.1\r\nHost: x\r\n`,
  );
  const last = asked.pop()!;
  const bytes = `${asked.map((one) => `${one}\r\n`).join("")}${last}Connection: close\r\n\r\n`;
  const answers = answersIn(await rawExchange(url, bytes));
  expect(answers.map(({ status }) => status)).toEqual(asked.concat(last).map((_, at) => (at % 2 === 0 ? 200 : 404)));
});

test(`lives on after whatever bytes (seed ${SEED})`, async () => {
  const lines = fc.constantFrom(
    "GET / HTTP/1.1\r\n",
    "POST /message HTTP/1.1\r\n",
    "Host: x\r\n",
    "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "\r\n",
    "0\r\n\r\n",
    "{}",
  );
  const bytes = fc.oneof(
    lines.map((line) => Buffer.from(line)),
    fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some)),
  );
  const garbage = fc.array(bytes, { minLength: 1, maxLength: 8 }).map((parts) => Buffer.concat(parts));
  await each(fc.sample(garbage, { seed: SEED, numRuns: CHANCES }), async (bytes) => {
    const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {});
    let answer = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      answer += text;
    });
    socket.end(bytes);
    await within("the connection to close", once(socket, "close"));
    const request = bytes.toString("latin1");
    for (const { status } of answersIn(answer))
      expect({ request, isTheirs: isTheirs(status) }).toEqual({ request, isTheirs: true });
  });
});

test("thousands of slow connections are cut off in time, and keep nobody waiting", { timeout: 180_000 }, async () => {
  const starts = ["", "G", head().slice(0, 40), head("X: y").slice(0, -2), ...(LONG ? BODIES : [])];
  const sockets: Socket[] = [];
  let open = 0;
  const cut: string[] = [];
  for (let at = 0; at < SLOW; at++) {
    const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    socket.on("error", () => {});
    socket.on("connect", () => open++);
    socket.on("data", (bytes: Buffer) => {
      answer += bytes.toString("latin1");
    });
    socket.on("close", () => cut.push(answer));
    socket.write(starts[at % starts.length]!);
    sockets.push(socket);
  }
  await until("the connections", () => open === SLOW);
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable && Math.random() < 0.1) socket.write("x");
  }, 500);
  try {
    while (cut.length < SLOW) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => api.request("POST", "/message?dryRun=true", { key, body: right })),
      );
      for (const { status } of answers) expect(status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  } finally {
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  }
  const answered = cut.filter((answer) => answer !== "");
  for (const answer of answered) expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answered.filter((answer) => answer.startsWith("HTTP/1.1 408 ")).length).toBeGreaterThan(SLOW / 4);
});

/** A body that never ends is waited for a minute. */
const BODIES = [head("Content-Length: 100000"), head("Transfer-Encoding: chunked")];
/** Enough that each having a thread, a buffer of its own or a turn in a line would show. */
const SLOW = 2_000;

/** Whether it says nothing of a fault of ours: a transfer coding that is not known is 501 (RFC 9112 §6.1). */
const isTheirs = (status: number): boolean => status < 500 || status === 501;

interface RawAnswer {
  status: number;
  body: string;
}

/** The answers of a connection; those of 4xx are problem details. */
function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== ""; ) {
    const end = rest.indexOf("\r\n\r\n") + 4;
    const fields = rest.slice(0, end).toLowerCase();
    const status = Number(/^http\/1\.1 (\d{3})/.exec(fields)?.[1]);
    const length = Number(/content-length: (\d+)/.exec(fields)?.[1] ?? 0);
    const body = rest.slice(end, end + length);
    if (status >= 400) {
      expect({ rest, fields }).toEqual({
        rest,
        fields: expect.stringContaining("content-type: application/problem+json"),
      });
      const { type, status: said } = JSON.parse(body) as { type: string; status: number };
      expect(said).toBe(status);
      expect(Object.keys(PROBLEMS).map((name) => `/docs#problem-${name}`)).toContain(type);
    }
    answers.push({ status, body });
    rest = rest.slice(end + length);
  }
  return answers;
}
