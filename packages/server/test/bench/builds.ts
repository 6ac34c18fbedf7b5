import { resolve } from "node:path";
import { say } from "./figures.ts";
import { inTurn } from "./in-turn.ts";
import { Side } from "./side.ts";

/** As carriers send them. */
const RECEIPT_AFTER_MS = 2_000;

/**
 * This build beside another, in turn, with receipts 2 s after the submit. BENCH_BASE is the other's checkout, installed and
 * built: `git worktree add ../base COMMIT && cd ../base && npm ci && npm run build`.
 */
export async function builds(rounds: number, scale: number): Promise<void> {
  const base = process.env.BENCH_BASE;
  if (base === undefined) return say("  BENCH_BASE names no checkout to compare with: left out");
  const smsc = [`delay=${RECEIPT_AFTER_MS}`];
  const before = await new Side().start({ smsc, checkout: resolve(base) });
  const now = await new Side().start({ smsc });
  await inTurn({ name: "before", side: before }, { name: "now", side: now }, rounds, scale);
  await before.stop();
  await now.stop();
}
