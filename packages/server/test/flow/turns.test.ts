import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { afterAll, afterEach, expect, test } from "vitest";
import { addAccount, startProgram } from "../support/program.ts";
import { until, within } from "../support/until.ts";

/** What one account asks for at once, against what another is waiting for. */

const program = await startProgram({ config: { server: { workers: 1 } } });
afterAll(program.stop);
const { pool } = program.database;
const { key } = program.api;
const other = program.api.as(await addAccount(pool));

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

function connect(): Socket {
  const socket = createConnection(Number(new URL(program.url).port), "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

const asking = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
const SCHEDULED = `/batch?limit=1&key=${key}`;

/** Statements of the accepting process that wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'mplus api-1' AND wait_event_type = 'Lock'`,
  );
  return rows[0]!.count;
}

/** Runs `work` while nobody can read which batches are scheduled. */
async function whileScheduledIsLocked(work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("LOCK TABLE pending_batch IN ACCESS EXCLUSIVE MODE");
    await work();
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
}

test("another account's messages are taken while one's reads wait for the store", async () => {
  const readers = Array.from({ length: 50 }, connect);
  const read = Promise.all(readers.map((socket) => once(socket, "data")));
  await whileScheduledIsLocked(async () => {
    for (const socket of readers) socket.write(asking(SCHEDULED));
    await until("the reads", async () => (await waiting()) >= 4);
    const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
    expect(await other.send({ messages: [message] })).toHaveLength(1);
    expect(await waiting()).toBe(4);
  });
  await within("the reads", read);
});

test("a request that was sent ahead is begun once the one before it is answered", async () => {
  const socket = connect();
  let answers = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    answers += text;
  });
  await whileScheduledIsLocked(async () => {
    socket.write(asking(SCHEDULED).repeat(3) + asking("/dr-responses"));
    await until("the first", async () => (await waiting()) === 1);
    // A request of another connection, which has come later, is at the store: the others would be, too.
    connect().write(asking(`/batch?limit=1&key=${other.key}`));
    await until("the later one", async () => (await waiting()) >= 2);
    expect(await waiting()).toBe(2);
    expect(answers).toBe("");
  });
  await until("all answers", () => answers.split("HTTP/1.1 200 OK").length === 5);
});

test("a thousand requests that are sent ahead are answered in their order", async () => {
  const socket = connect();
  const asked = Array.from({ length: 1_000 }, (_, at) => asking(at % 2 === 0 ? SCHEDULED : "/nowhere"));
  let answers = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    answers += text;
  });
  socket.write(asked.join(""));
  const statuses = () => answers.match(/HTTP\/1\.1 \d\d\d/g) ?? [];
  await until("all answers", () => statuses().length === asked.length);
  expect(statuses()).toEqual(asked.map((_, at) => `HTTP/1.1 ${at % 2 === 0 ? 200 : 404}`));
  // And the connection goes on.
  socket.write(asking("/dr-responses"));
  await within("one more", once(socket, "data"));
});
