import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { UnreadAnswers, type UnreadAnswersOptions } from "../../src/http/unread-answers.ts";

const file = (name: string) => readFileSync(new URL(`../notify/certificates/${name}`, import.meta.url));
const TLS = { cert: file("valid.crt"), key: file("valid.key") };
const ANSWER = Buffer.alloc(16 * 1024 * 1024, "x");
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function serve(options: Partial<UnreadAnswersOptions>, secure = false) {
  const logged: string[] = [];
  const log = pino({}, { write: (line) => void logged.push(JSON.parse(line).reason) });
  const answer: RequestListener = (_request, response) => response.end(ANSWER);
  const server = secure ? createTlsServer(TLS, answer) : createServer(answer);
  const watch = new UnreadAnswers(server, { log, lookMs: 10, ...options });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    watch.close();
    server.closeAllConnections();
    server.close();
  });
  const ask = (): Socket => {
    const { port } = server.address() as AddressInfo;
    const socket = secure ? connectTls({ port, rejectUnauthorized: false }) : connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    ends.push(() => socket.destroy());
    return socket.pause();
  };
  return { ask, logged, server };
}

const BOTH: [string, boolean][] = [
  ["plain", false],
  ["over TLS", true],
];

test.each(BOTH)("a connection that takes nothing of its answer is ended, %s", async (_name, secure) => {
  const { ask, server, logged } = await serve({ patienceMs: 50 }, secure);
  const closed = new Promise((resolve) => server.once("connection", (socket) => socket.once("close", resolve)));
  ask();
  await closed;
  expect(logged).toEqual(["it took nothing of its answer for too long"]);
});

test.each(BOTH)("one that takes all of it gets all of it, however small the patience, %s", async (_name, secure) => {
  const { ask, logged } = await serve({ patienceMs: 5_000 }, secure);
  const socket = ask();
  const read = buffer(socket);
  socket.resume();
  let size = 0;
  socket.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > ANSWER.length) socket.end();
  });
  expect((await read).length).toBeGreaterThan(ANSWER.length);
  expect(logged).toEqual([]);
});

test("of too many bytes that wait those that stand still are ended, down to the bound", async () => {
  const { ask, server, logged } = await serve({ patienceMs: 60_000, most: 2.5 * ANSWER.length });
  const open = new Set<Socket>();
  let ended = 0;
  const twoEnded = new Promise<void>((resolve) => {
    server.on("connection", (socket) => {
      open.add(socket);
      socket.once("close", () => {
        open.delete(socket);
        if (++ended === 2) resolve();
      });
    });
  });
  for (let connection = 0; connection < 4; connection++) ask();
  await twoEnded;
  expect(logged).toEqual(["too many answers wait to be read", "too many answers wait to be read"]);
  expect(open.size).toBe(2);
});
