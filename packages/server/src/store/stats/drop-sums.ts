import type { Database } from "../database.ts";
import { type Span, TOTAL_OF } from "./fold-counts.ts";

const ROWS = 1_000;

const TEXT = `
DELETE FROM stat WHERE ctid = ANY (ARRAY(SELECT ctid FROM stat WHERE span = ANY ($1::"char"[]) AND at < to_timestamp($2::float8 / 1000) LIMIT ${ROWS}))`;

/** Drops sums of spans that began before a time, in epoch milliseconds; answers whether there may be more. */
export async function dropSums(db: Database, span: Span, before: number): Promise<boolean> {
  const { rowCount } = await db.query({ name: "drop-sums", text: TEXT, values: [[span, TOTAL_OF[span]], before] });
  return rowCount === ROWS;
}
