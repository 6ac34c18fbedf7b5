import { columns, type Database } from "./database.ts";

/** One id that a submit's answer may have had for a receipt; `receipt` numbers the receipt it belongs to. */
export interface Candidate {
  receipt: number;
  /** Its place among the candidates of its receipt: the lower, the likelier. */
  rank: number;
  carrier: number;
  carrierMessageId: string;
  destination: string;
}

export interface ReceiptTarget {
  receipt: number;
  rank: number;
  id: string;
  /** The part of a long message that it is for; null for a message of one part. */
  part: number | null;
  state: number;
  code: number | null;
}

const NAMES = [
  "receipt",
  "rank",
  "carrier",
  "carrierMessageId",
  "destination",
] as const satisfies readonly (keyof Candidate)[];

/**
 * The long way for receipts that the usual one did not match: already final, a part, another spelling of the id or of
 * the number. Of several, what is still open comes first, then the right handset, then the likelier spelling, then the
 * younger. A guessed spelling counts only for the right handset.
 */
const TEXT = `
WITH candidate AS (
  SELECT * FROM unnest($1::int[], $2::int[], $3::smallint[], $4::text[], $5::bigint[])
    AS t (receipt, rank, carrier, carrier_message_id, destination)
), found AS (
  SELECT c.receipt, c.rank, m.id, NULL::smallint AS part, m.state, m.code, m.destination = c.destination AS right_handset
  FROM candidate c JOIN message m
    ON m.carrier_message_id = c.carrier_message_id AND m.carrier = c.carrier AND m.id >= $6 AND m.parts = 1
  UNION ALL
  SELECT c.receipt, c.rank, p.message_id, p.part, p.state, p.code, m.destination = c.destination
  FROM candidate c
  JOIN message_part p ON p.carrier_message_id = c.carrier_message_id AND p.carrier = c.carrier AND p.message_id >= $6
  JOIN message m ON m.id = p.message_id
)
SELECT DISTINCT ON (receipt) receipt, rank, id, part, state, code
FROM found WHERE right_handset OR rank = 0
ORDER BY receipt, (state = 1) DESC, right_handset DESC, rank, id DESC`;

export async function findReceiptTargets(
  db: Database,
  candidates: readonly Candidate[],
  since: string,
): Promise<Map<number, ReceiptTarget>> {
  const { rows } = await db.query<ReceiptTarget>({ text: TEXT, values: [...columns(candidates, NAMES), since] });
  return new Map(rows.map((row) => [row.receipt, row]));
}
