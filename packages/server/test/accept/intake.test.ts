import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import type { Problem } from "../support/api.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { until, within } from "../support/until.ts";

/** Two bodies of the largest size are taken in at one time, and one large one of an account. */
const LIMIT = 300_000;
const program = await startProgram({ config: { server: { bodyLimitBytes: LIMIT, workers: 1 } } });
afterAll(program.stop);
const { api: first, database } = program;
const second = first.as(await addAccount(database.pool));
const third = first.as(await addAccount(database.pool));

const LARGE = JSON.stringify({
  from: "MyShop",
  message: "x",
  destinations: Array.from({ length: 19_000 }, (_, index) => `4477009${String(10_000 + index)}`),
});
const small = { messages: [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }] };
/** A field that only Node's server reads. */
const OTHER_WAY = { te: "trailers" };
const ANNOUNCED = { "content-length": String(LARGE.length) };

/** A batch whose head has been sent, and of its body as much as is told. */
function begin(key: string, headers: Record<string, string>, octets = 0): ClientRequest {
  const { hostname, port } = new URL(program.url);
  const outgoing = request({ hostname, port, path: `/batch?key=${key}&dryRun=true`, method: "POST", headers });
  outgoing.on("error", () => {});
  outgoing.flushHeaders();
  if (octets > 0) outgoing.write(LARGE.slice(0, octets));
  return outgoing;
}

async function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await within("an answer", once(outgoing, "response"))) as [IncomingMessage];
  response.resume();
  return response;
}

test("an account's second large body is refused before it is read, and others go on", async () => {
  // Whichever of the two comes in first.
  const both = [begin(first.key, ANNOUNCED, 1_000), begin(first.key, ANNOUNCED, 1_000)] as const;
  const answers = both.map(answerOf);
  const refused = Promise.race(answers);
  expect(await second.send(small)).toHaveLength(1);
  expect(await first.send(small)).toHaveLength(1);
  const other = await first.request("POST", "/message", { body: small, headers: OTHER_WAY });
  expect(other.status).toBe(200);
  expect((await second.request("POST", "/batch?dryRun=true", { body: LARGE })).status).toBe(200);
  const answer = await refused;
  expect({ status: answer.statusCode, type: answer.headers["content-type"] }).toEqual({
    status: 503,
    type: "application/problem+json",
  });
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  for (const outgoing of both) outgoing.end(LARGE.slice(1_000));
  const codes = (await Promise.all(answers)).map(({ statusCode }) => statusCode);
  expect(codes.sort()).toEqual([200, 503]);
  expect((await first.request("POST", "/batch?dryRun=true", { body: LARGE })).status).toBe(200);
});

test("of too many large ones the rest waits for its turn, and is then read", async () => {
  const slow = [begin(first.key, ANNOUNCED, 1_000), begin(second.key, ANNOUNCED, 1_000)];
  await Promise.all(slow.map((outgoing) => once(outgoing, "socket")));
  const last = answerOf(begin(third.key, ANNOUNCED).end(LARGE));
  for (const outgoing of slow) outgoing.end(LARGE.slice(1_000));
  const all = await Promise.all([...slow.map(answerOf), last]);
  expect(all.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
});

test("a body without a length counts as a large one once it has become one", async () => {
  const chunked = { "transfer-encoding": "chunked" };
  const slow = begin(first.key, chunked, 270_000);
  await until("a large body to be refused", async () => {
    return (await first.request("POST", "/batch?dryRun=true", { body: LARGE })).status === 503;
  });
  const short = begin(first.key, chunked);
  short.end(JSON.stringify({ from: "MyShop", message: "x", destinations: ["447700900123"] }));
  expect((await answerOf(short)).statusCode).toBe(200);
  slow.end(LARGE.slice(270_000));
  expect((await answerOf(slow)).statusCode).toBe(200);
});

test("a client that goes amid its body, or before its turn, leaves no weight behind", async () => {
  for (const headers of [ANNOUNCED, { "transfer-encoding": "chunked" }]) {
    const slow = begin(first.key, headers, 270_000);
    await once(slow, "socket");
    const waiting = begin(first.key, ANNOUNCED, 1_000);
    await once(waiting, "socket");
    waiting.destroy();
    slow.destroy();
    await until("the next to be taken", async () => {
      return (await first.request("POST", "/batch?dryRun=true", { body: LARGE })).status === 200;
    });
  }
});

test("what has a key and no business with large bodies takes small ones alone", async () => {
  const name = "x".repeat(70_000);
  const answer = await first.as(program.organizationKey).request("POST", "/account", { body: { name } });
  expect({ status: answer.status, type: answer.body.type }).toEqual({
    status: 413,
    type: "/docs#problem-body-too-large",
  });
});

/** A request of 27 KB whose answer has 5 MB; nothing is stored. */
const MUCH = JSON.stringify({
  messages: Array.from({ length: 1_000 }, (_, index) => ({ to: `4477009${10_000 + index}` })),
  defaults: {
    ...small.messages[0],
    to: undefined,
    body: "\n".repeat(1_530),
    callback: `http://127.0.0.1/${"a".repeat(1_900)}`,
  },
});

/** Asks for much and reads nothing. */
async function ask(fields: readonly string[]): Promise<Socket> {
  const socket = connect({ port: Number(new URL(program.url).port), host: "127.0.0.1" });
  socket.on("error", () => {}).pause();
  await once(socket, "connect");
  const lines = [`POST /message?dryRun=true&key=${first.key} HTTP/1.1`, "Host: x", `Content-Length: ${MUCH.length}`];
  socket.write(`${[...lines, ...fields].join("\r\n")}\r\n\r\n${MUCH}`);
  return socket;
}

test.each([
  ["the plain way", []],
  ["the other way", ["TE: trailers"]],
])("who leaves too much unread is answered nothing more until it is read, %s", async (_name, fields) => {
  const [api, other] = [first, second];
  const unread: Socket[] = [];
  const refused = await until("a refusal", async () => {
    unread.push(await ask(fields));
    const answer = await api.request<Problem>("POST", "/message?dryRun=true", { body: small });
    return answer.status !== 200 && answer;
  });
  expect(refused).toMatchObject({ status: 503, body: { type: "/docs#problem-overloaded" } });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect((await api.request("GET", "/batch")).status).toBe(503);
  expect(await other.send(small)).toHaveLength(1);
  expect((await other.request("GET", "/batch")).status).toBe(200);
  for (const [index, socket] of unread.entries()) {
    if (index % 2 === 0) socket.resume();
    else socket.destroy();
  }
  await until("the account to be served", async () => (await api.request("GET", "/batch")).status === 200);
  for (const socket of unread) socket.destroy();
});
