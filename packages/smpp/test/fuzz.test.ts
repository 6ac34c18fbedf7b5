import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";

const runs = Number(process.env.FUZZ_RUNS ?? 5_000);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

test(`${runs} mutated PDUs, FUZZ_SEED=${seed}`, { timeout: 30_000 + runs }, () => {
  const counts = fuzz(runs, seed);
  console.log(`FUZZ_SEED=${seed}`, counts);
  expect(counts.pdus).toBeGreaterThan(runs / 2);
});
