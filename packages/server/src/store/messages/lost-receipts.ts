import { ACCEPTED, SUBMITTED } from "../../message/lifecycle.ts";
import type { Database } from "../database.ts";

/** A submitted message whose receipt is not to be waited for any longer. */
export interface LostReceipt {
  id: string;
  /** The carrier's word that it does not know, if it gave one. */
  code: number | null;
  /** Another channel may be to try. */
  fallback: boolean;
}

/**
 * Steps through the messages of the usual validity in the order of their ids, from where the last step ended, and stops
 * before the first that is still open and not due. Each message is looked at once, two days after it was sent.
 */
const USUAL = `
SELECT id, state, code, expires_at + $3 * interval '1 second' <= now() AS due
FROM message
WHERE id > $1 AND id < $2 AND receipt_by IS NULL AND state IN (${ACCEPTED}, ${SUBMITTED})
ORDER BY id LIMIT $4`;

export async function usualLostReceipts(
  db: Database,
  bound: string,
  marginSeconds: number,
  limit: number,
): Promise<{ lost: LostReceipt[]; until: string; more: boolean }> {
  const from = await db.query<{ until: string }>({ text: "SELECT until FROM sweep WHERE name = 'receipts'" });
  const start = from.rows[0]?.until ?? "00000000-0000-0000-0000-000000000000";
  const { rows } = await db.query<{ id: string; state: number; code: number | null; due: boolean }>({
    name: "usual-lost-receipts",
    text: USUAL,
    values: [start, bound, marginSeconds, limit],
  });
  const lost = rows.flatMap(({ id, code, due, state }) =>
    due && state === SUBMITTED ? [{ id, code, fallback: false }] : [],
  );
  const open = rows.find((row) => !row.due || row.state !== SUBMITTED);
  const until = open !== undefined ? before(open.id) : rows.length === limit ? (rows.at(-1)?.id ?? bound) : bound;
  return { lost, until, more: open === undefined && rows.length === limit };
}

/** Keeps how far the sweep has come; call it once what it found is final. */
export async function keepSweep(db: Database, until: string): Promise<void> {
  await db.query({
    text: `INSERT INTO sweep (name, until) VALUES ('receipts', $1)
           ON CONFLICT (name) DO UPDATE SET until = greatest(sweep.until, excluded.until)`,
    values: [until],
  });
}

/**
 * Those with a validity of their own, or another channel to try, from the last ten days: what is older was found by
 * earlier runs. Where it is too late for the other channel, the receipt is waited for as without one.
 */
const OWN = `
SELECT id, code, fallback IS NOT NULL AS fallback FROM message
WHERE receipt_by <= now() AND receipt_by > now() - interval '10 days' AND state = ${SUBMITTED}
  AND (fallback IS NULL OR expires_at > now() OR expires_at + $1 * interval '1 second' <= now())
ORDER BY receipt_by LIMIT $2`;

export async function ownLostReceipts(db: Database, marginSeconds: number, limit: number): Promise<LostReceipt[]> {
  const values = [marginSeconds, limit];
  const { rows } = await db.query<LostReceipt>({ name: "own-lost-receipts", text: OWN, values });
  return rows;
}

/** The id just before this one. */
function before(id: string): string {
  const number = BigInt(`0x${id.replaceAll("-", "")}`) - 1n;
  return number
    .toString(16)
    .padStart(32, "0")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
