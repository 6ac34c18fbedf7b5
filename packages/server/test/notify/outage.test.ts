import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { addAccount, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const program = await startProgram({
  config: {
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [0.5, 0.5, 0.5, 0.5, 0.5] },
  },
});
afterAll(program.stop);
const { pool } = program.database;

/** Answers the batch's identifier. */
function sendAll(callback: string, count: number): Promise<string> {
  const destinations = Array.from({ length: count }, (_, index) => `447700${String(910_000 + index)}`);
  return program.api.sendBatch({ from: "MyShop", message: "x", destinations, callback });
}

const AT_A_TIME = 10;
const MESSAGES = 600;

/** A receiver that is down at first, and then fails beyond so many requests at a time. */
const counts = { up: false, underWay: 0, delivered: 0, failedWhenUp: 0, failedWhenDown: 0 };
const server = createServer((request, response) => {
  request.resume();
  const fails = !counts.up || counts.underWay >= AT_A_TIME;
  counts.underWay++;
  if (!fails) counts.delivered++;
  else if (counts.up) counts.failedWhenUp++;
  else counts.failedWhenDown++;
  void sleep(20).then(() => {
    counts.underWay--;
    response.writeHead(fails ? 503 : 200).end();
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
afterAll(() => new Promise((resolve) => server.close(resolve)));
const callback = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

test("what waited for a receiver that was down comes back as it can bear it, and none is exhausted", async () => {
  const batch = await sendAll(callback, MESSAGES);
  await until("all to be final", async () => {
    const { counts } = await program.api.status(batch, "");
    return counts.delivered + counts.failed === MESSAGES;
  });
  await until("the receiver to be left alone", async () => {
    const { failedWhenDown } = counts;
    await sleep(200);
    return failedWhenDown >= 20 && counts.failedWhenDown === failedWhenDown;
  });
  // Most were held back: that is not a try.
  expect(counts.failedWhenDown).toBeLessThan(60);
  counts.up = true;
  const states = await until(
    "all to be settled",
    async () => {
      const { rows } = await pool.query<{ state: number; count: number }>(
        "SELECT state, count(*)::int AS count FROM webhook WHERE url = $1 GROUP BY state",
        [callback],
      );
      const settled = rows.filter(({ state }) => state > 0).reduce((sum, { count }) => sum + count, 0);
      return settled === MESSAGES && rows;
    },
    () => counts,
  );
  expect(states).toEqual([{ state: 1, count: MESSAGES }]);
  expect(counts.delivered).toBe(MESSAGES);
  expect(counts.failedWhenUp).toBeLessThan(MESSAGES);
});

const PER_PATH = 100;
const hooks = await receiver();
afterAll(hooks.close);

/** How many webhooks to a path are in each state, by its number. */
async function states(path: string): Promise<Record<number, number>> {
  const text = "SELECT state, count(*)::int AS count FROM webhook WHERE url = $1 GROUP BY state";
  const { rows } = await pool.query<{ state: number; count: number }>(text, [hooks.url(path)]);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

test("paths that fail hold up none of their origin's others, and their webhooks come to their end", async () => {
  hooks.script("/half", ...Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? 200 : 500)));
  hooks.script("/missing", 404);
  hooks.script("/broken", 500);
  const paths = ["/good", "/half", "/missing", "/broken"];
  for (const path of paths) {
    await sendAll(hooks.url(path), PER_PATH);
  }
  await until(
    "all to be settled",
    async () => {
      const settled = (await Promise.all(paths.map(states))).map(
        ({ 1: delivered = 0, 2: exhausted = 0 }) => delivered + exhausted,
      );
      return settled.every((count) => count === PER_PATH);
    },
    () => Promise.all(paths.map(states)),
  );
  expect(await states("/good")).toEqual({ 1: PER_PATH });
  expect(await states("/missing")).toEqual({ 2: PER_PATH });
  expect(await states("/broken")).toEqual({ 2: PER_PATH });
  // One in 64 fails six times in a row where each try is a coin's throw.
  expect((await states("/half"))[1]).toBeGreaterThan(PER_PATH / 2);
});

/** One number for the endpoints of all accounts, as URLs can be found that share one. */
const NUMBER = 7;

async function due(accountId: number, path: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => messageId(newBatchId(Date.now() - index), 1));
  await pool.query(
    `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, kind, body, next_at)
     SELECT id, $2, 0, $3, $4, 'e', '{}', now() FROM unnest($1::uuid[]) AS t (id)`,
    [ids, accountId, NUMBER, hooks.url(path)],
  );
}

async function deliveredTo(accountId: number): Promise<number> {
  const text = "SELECT count(*)::int AS n FROM webhook WHERE account_id = $1 AND state = 1";
  return (await pool.query<{ n: number }>(text, [accountId])).rows[0]!.n;
}

test("an account's endpoint that fails holds up none of another's webhooks", async () => {
  await addAccount(pool);
  await addAccount(pool);
  const { rows } = await pool.query<{ id: number }>("SELECT id FROM account ORDER BY id DESC LIMIT 2");
  const [failing, working] = rows.map(({ id }) => id) as [number, number];
  hooks.script("/fails", 500);
  await due(failing, "/fails", 200);
  await hooks.waitFor("/fails", 20);
  await due(working, "/works", 120);
  await until("all of the other's to be delivered", async () => (await deliveredTo(working)) === 120);
  expect(await deliveredTo(failing)).toBe(0);
  const left = "SELECT FROM webhook WHERE account_id = $1 AND state = 0 AND attempts IS NULL";
  expect((await pool.query(left, [failing])).rowCount).toBeGreaterThan(100);
});
