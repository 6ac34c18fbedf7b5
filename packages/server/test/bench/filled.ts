import { execFileSync } from "node:child_process";
import pg from "pg";
import { ensurePartitions } from "../../dist/store/upkeep/partitions.js";
import { say } from "./figures.ts";
import { DAYS, fillBatches, fillHistory, fillPending } from "./history.ts";
import { Side } from "./side.ts";

const DAY_MS = 86_400_000;
/** Batches that are held for their time, on an empty store as well. */
const PENDING = 10_000;

/**
 * Two programs, each on a store of its own: one empty, the other with `messages` of ten days' history, made in SQL, and
 * a batch for every hundred of them. Both hold 10,000 batches. The full one is started anew once it is filled.
 */
export async function filled(messages: number): Promise<{ empty: Side; full: Side }> {
  const [empty, full] = [await new Side().start(), await new Side().start()];
  const now = Date.now();
  const pool = new pg.Pool({ host: full.program.socket, user: "mplus", database: "mplus", max: 1 });
  const begun = performance.now();
  await ensurePartitions(pool, now - DAYS * DAY_MS, now);
  await fillHistory(pool, messages, now);
  await fillBatches(pool, Math.ceil(messages / 100), now);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  await fillPending(pool, PENDING, now);
  await pool.end();
  const other = new pg.Pool({ host: empty.program.socket, user: "mplus", database: "mplus", max: 1 });
  await fillPending(other, PENDING, now);
  await other.end();
  say(
    `  ${messages} messages of history made in ${seconds} s: ${onDisk(full)} MB on disk; the empty one ${onDisk(empty)} MB`,
  );
  for (const { program } of [empty, full]) {
    await program.stop();
    await program.start();
  }
  return { empty, full };
}

function onDisk({ program }: Side): number {
  return Number.parseInt(execFileSync("du", ["-sm", program.folder], { encoding: "utf8" }), 10);
}
