import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

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

const program = await startProgram({
  config: {
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [0.5, 0.5, 0.5, 0.5, 0.5] },
  },
});
afterAll(program.stop);
const { pool } = program.database;

test("what waited for a receiver that was down comes back as it can bear it, and none is exhausted", async () => {
  const destinations = Array.from({ length: MESSAGES }, (_, index) => `447700${String(910_000 + index)}`);
  await program.api.sendBatch({ from: "MyShop", message: "x", destinations, callback });
  await until("all to be final", async () => {
    const { rows } = await pool.query<{ count: number }>("SELECT count(*)::int AS count FROM message WHERE state >= 2");
    return rows[0]!.count === MESSAGES;
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
        "SELECT state, count(*)::int AS count FROM webhook GROUP BY state",
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
