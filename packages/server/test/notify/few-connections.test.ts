import type { Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { listen, onRequest } from "../support/listen.ts";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

/** Connections that the receiver serves at a time, as a server does that has a thread for each. */
const SERVED = 4;
const PER_ENDPOINT = 64;

const counts = { open: 0, most: 0, unserved: 0 };
const served = new Set<Socket>();
const queue = new Set<Socket>();
/** Connections with a request that was not answered. */
const asking = new Set<Socket>();

const receiver = await listen((socket) => {
  counts.most = Math.max(counts.most, ++counts.open);
  queue.add(socket);
  socket.on("close", () => {
    counts.open--;
    if (queue.delete(socket)) counts.unserved++;
    served.delete(socket);
    serveNext();
  });
  onRequest(socket, () => {
    asking.add(socket);
    answer(socket);
  });
  serveNext();
});
afterAll(receiver.close);

function serveNext(): void {
  const [next] = queue;
  if (next === undefined || served.size === SERVED) return;
  queue.delete(next);
  served.add(next);
  answer(next);
}

function answer(socket: Socket): void {
  if (!served.has(socket) || !asking.delete(socket)) return;
  setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 5);
}

const program = await startProgram({
  config: {
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { perEndpoint: PER_ENDPOINT, timeout: 1, retryDelays: [0.2, 0.2, 0.2, 0.2, 0.2] },
  },
});
afterAll(program.stop);
const { pool } = program.database;

async function due(count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => messageId(newBatchId(Date.now()), 1));
  await pool.query(
    `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, kind, body, next_at)
     SELECT id, (SELECT max(id) FROM account), 0, 7, $2, 'e', '{}', now() FROM unnest($1::uuid[]) AS t (id)`,
    [ids, `http://127.0.0.1:${receiver.port}/`],
  );
}

async function delivered(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>("SELECT count(*)::int AS count FROM webhook WHERE state = 1");
  return rows[0]!.count;
}

test("a receiver that serves few connections is not kept busy with more, once those have shown it", async () => {
  await due(2_000);
  await until(
    "connections that nobody served to end",
    () => counts.unserved >= PER_ENDPOINT / 2,
    async () => [counts, await delivered()],
  );
  await until("those that are left to be few", () => counts.open <= 2 * SERVED);
  counts.most = counts.open;
  await due(2_000);
  await until("all to be delivered", async () => (await delivered()) === 4_000, delivered);
  expect(counts.most).toBeLessThanOrEqual(3 * SERVED);
});
