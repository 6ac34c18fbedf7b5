import { afterAll, expect, test } from "vitest";
import { dropSums } from "../../src/store/stats/drop-sums.ts";
import { foldCounts, STEP } from "../../src/store/stats/fold-counts.ts";
import { testDatabase } from "../support/database.ts";

const { pool, close } = await testDatabase();
afterAll(close);

async function kept(): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ span: string; accepted: number }>(
    "SELECT span, sum(accepted)::int AS accepted FROM stat WHERE account_id = 1 GROUP BY span",
  );
  return Object.fromEntries(rows.map(({ span, accepted }) => [span, accepted]));
}

test("what many flushes counted is added up step by step, and old sums go, those of one span alone", async () => {
  await pool.query(
    `INSERT INTO stat_flush (at, counts)
     SELECT now() - (n % 3) * interval '10 days', '0,1,,GB,,,,2,3' FROM generate_series(1, ${2 * STEP + 1}) AS n`,
  );
  expect([await foldCounts(pool), await foldCounts(pool), await foldCounts(pool)]).toEqual([STEP, STEP, 1]);
  const all = 2 * (2 * STEP + 1);
  expect(await kept()).toEqual({ m: all, h: all, d: all, M: all, H: all, D: all });
  while (await dropSums(pool, "m", Date.now() - 15 * 86_400_000));
  const left = (all * 2) / 3;
  expect(await kept()).toEqual({ m: left, h: all, d: all, M: left, H: all, D: all });
});
