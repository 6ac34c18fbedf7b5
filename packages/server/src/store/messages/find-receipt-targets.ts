import { SUBMITTED } from "../../message/lifecycle.ts";
import { columns, type Database } from "../database.ts";
import { partOf } from "./fall-back.ts";

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
  /** Another channel is to be tried if this one fails. */
  fallback: boolean;
  /** Its sender asked for intermediate notifications. */
  intermediate: boolean;
}

const NAMES = [
  "receipt",
  "rank",
  "carrier",
  "carrierMessageId",
  "destination",
] as const satisfies readonly (keyof Candidate)[];

/** Seven digits: fewer are at the end of too many numbers. */
const SHORTEST_NATIONAL = 1_000_000;

const FLAGS = "m.fallback IS NOT NULL AS fallback, m.coded ->> 'intermediate' IS NOT NULL AS intermediate";

/**
 * The long way for receipts that the usual one did not match: already final, a part, another spelling of the id or of
 * the number, or of a channel that its message has left. Of several, what is still open comes first, then the right
 * handset, then the likelier spelling, then the younger. A guessed spelling counts only for the right handset: its number,
 * or the end of it, as a national form has.
 */
const TEXT = `
WITH candidate AS (
  SELECT * FROM unnest($1::int[], $2::int[], $3::smallint[], $4::text[], $5::bigint[])
    AS t (receipt, rank, carrier, carrier_message_id, destination)
), found AS (
  SELECT c.receipt, c.rank, f.id, f.part, f.state, f.code, f.fallback, f.intermediate, f.destination = c.destination
           OR (c.destination >= ${SHORTEST_NATIONAL} AND right(f.destination::text, length(c.destination::text)) = c.destination::text)
         AS right_handset
  FROM candidate c CROSS JOIN LATERAL (
    (SELECT m.id, NULL::smallint AS part, m.state, m.code, m.destination, ${FLAGS}
     FROM message m
     WHERE m.carrier_message_id = c.carrier_message_id AND m.carrier = c.carrier AND m.id >= $6
     ORDER BY m.id DESC LIMIT $7)
    UNION ALL
    (SELECT p.message_id, ${partOf("p.part")}, p.state, p.code, m.destination, ${FLAGS}
     FROM message_part p JOIN message m ON m.id = p.message_id
     WHERE p.carrier_message_id = c.carrier_message_id AND p.carrier = c.carrier AND p.message_id >= $6
     ORDER BY p.message_id DESC LIMIT $7)
  ) f
)
SELECT DISTINCT ON (receipt) receipt, rank, id, part, state, code, fallback, intermediate
FROM found WHERE right_handset OR rank = 0
ORDER BY receipt, (state = ${SUBMITTED}) DESC, right_handset DESC, rank, id DESC`;

/** Messages of one carrier that share an id, within the time that a receipt can take, the youngest. */
const NAMESAKES = 20;

export async function findReceiptTargets(
  db: Database,
  candidates: readonly Candidate[],
  since: string,
): Promise<Map<number, ReceiptTarget>> {
  const { rows } = await db.query<ReceiptTarget>({
    text: TEXT,
    values: [...columns(candidates, NAMES), since, NAMESAKES],
  });
  return new Map(rows.map((row) => [row.receipt, row]));
}
