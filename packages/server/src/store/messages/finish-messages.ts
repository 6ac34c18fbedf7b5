import { mayMoveAny } from "../../message/lifecycle.ts";
import { columns, type Database } from "../database.ts";
import type { Partitions } from "../upkeep/partition-names.ts";
import { withLines } from "./append-events.ts";
import { type FinalRow, MOVED, recordMoved, type WebhookLease } from "./finals.ts";

export interface FinishRow {
  id: string;
  state: number;
  code: number;
  /** Where it failed: whether another channel may be to try. */
  fallback?: boolean;
  /** The receipt that says so, as a line of the message's story, where one does. */
  events?: string;
}

const NAMES = ["id", "state", "code", "events"] as const satisfies readonly (keyof FinishRow)[];

/** Makes submitted messages final by their own id: long messages, receipts matched the long way, and the sweep. */
const textFor = (partition: string): string => `
moved AS (
  UPDATE ${partition} m
  SET state = f.state, code = f.code, final_at = now(), events = ${withLines("m", "f")}
  FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::text[]) AS f (id, state, code, events)
  WHERE m.id = f.id AND ${mayMoveAny("finish", "m")}
  RETURNING ${MOVED}
)`;

export async function finishMessages(
  db: Database,
  partitions: Partitions,
  rows: readonly FinishRow[],
  node: number,
  lease: WebhookLease,
): Promise<FinalRow[]> {
  const moved: FinalRow[] = [];
  for (const [partition, group] of partitions.group("message", rows)) {
    const values = columns(group, NAMES);
    const moving = { name: `finish ${partition}`, text: textFor(partition), values, submits: false };
    moved.push(...(await recordMoved(db, moving, node, lease)));
  }
  return moved;
}

/** Keeps the carrier's word that it does not know (UNKNOWN): the code that the message gets if no better one comes. */
export async function noteUnconfirmed(db: Database, rows: readonly { id: string; code: number }[]): Promise<void> {
  await db.query({
    text: `UPDATE message m SET code = f.code FROM unnest($1::uuid[], $2::smallint[]) AS f (id, code)
           WHERE m.id = f.id AND ${mayMoveAny("doubt", "m")}`,
    values: columns(rows, ["id", "code"]),
  });
}
