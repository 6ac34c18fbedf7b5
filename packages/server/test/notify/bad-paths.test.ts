import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const PER_PATH = 100;

const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({
  config: {
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [0.1, 0.2, 0.3] },
  },
});
afterAll(program.stop);
const { pool } = program.database;

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
    const destinations = Array.from({ length: PER_PATH }, (_, index) => `447700${String(910_000 + index)}`);
    await program.api.sendBatch({ from: "MyShop", message: "x", destinations, callback: hooks.url(path) });
  }
  await until(
    "all to be settled",
    async () => {
      const { rows } = await pool.query<{ n: number }>("SELECT count(*)::int AS n FROM webhook WHERE state > 0");
      return rows[0]!.n === paths.length * PER_PATH;
    },
    () => Promise.all(paths.map(states)),
  );
  expect(await states("/good")).toEqual({ 1: PER_PATH });
  expect(await states("/missing")).toEqual({ 2: PER_PATH });
  expect(await states("/broken")).toEqual({ 2: PER_PATH });
  // One in sixteen fails four times in a row where each try is a coin's throw.
  expect((await states("/half"))[1]).toBeGreaterThan(PER_PATH / 2);
});
