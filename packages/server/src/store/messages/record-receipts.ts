import { mayMoveAny } from "../../message/lifecycle.ts";
import { type Column, columnsBy, type Database } from "../database.ts";
import { isUndefinedTable } from "../errors.ts";
import { withLines } from "./append-events.ts";
import { type FinalRow, MOVED, recordMoved, type WebhookLease } from "./finals.ts";

/** A final receipt of a carrier, to be matched by the id that the carrier gave. */
export interface ReceiptRow {
  carrier: number;
  carrierMessageId: string;
  /** The handset, as digits. */
  destination: string;
  state: number;
  code: number;
  /** The receipt as a line of its message's story (message/story.ts). */
  events?: string | null;
}

const COLUMNS: readonly Column<ReceiptRow>[] = [
  ({ carrier }) => carrier,
  ({ carrierMessageId }) => carrierMessageId,
  ({ destination }) => destination,
  ({ state }) => state,
  ({ code }) => code,
  ({ events }) => events ?? null,
];

/**
 * Receipt, the usual case: the id and the handset are those of a message that went out in one submit_sm (the others'
 * ids stand with their parts). Two index reads per receipt, flat with a million outstanding in any order: a carrier that
 * counts anew gives a handset's messages the same id, and a receipt is for one of them, the younger.
 * What has another channel to try goes the long way.
 */
const textFor = (partition: string): string => `
moved AS (
  UPDATE ${partition} m
  SET state = r.state, code = r.code, final_at = now(), events = ${withLines("m", "r")}
  FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::smallint[], $5::smallint[], $6::text[])
    AS r (carrier, carrier_message_id, destination, state, code, events)
  WHERE m.carrier_message_id = r.carrier_message_id AND m.carrier = r.carrier AND m.destination = r.destination
    AND ${mayMoveAny("finish", "m")} AND m.fallback IS NULL
    AND NOT EXISTS (
      SELECT FROM ${partition} n
      WHERE n.carrier_message_id = r.carrier_message_id AND n.carrier = r.carrier AND n.destination = r.destination
        AND ${mayMoveAny("finish", "n")} AND n.id > m.id
    )
  RETURNING ${MOVED}
)`;

/**
 * Answers the messages that the receipts made final; the others' messages are not to be found this way. Looks into the
 * given partitions one after the other, today's first, where nearly all are found.
 */
export async function recordReceipts(
  db: Database,
  partitions: readonly string[],
  rows: readonly ReceiptRow[],
  node: number,
  lease: WebhookLease,
): Promise<FinalRow[]> {
  const moved: FinalRow[] = [];
  let open = rows;
  for (const partition of partitions) {
    const values = columnsBy(open, COLUMNS);
    const moving = { name: `receipts ${partition}`, text: textFor(partition), values, submits: false };
    const found = await recordMoved(db, moving, node, lease).catch(noneIfDropped);
    moved.push(...found);
    if (moved.length >= rows.length) break;
    const names = new Set(found.map((row) => `${row.carrier} ${row.carrierMessageId}`));
    open = open.filter((row) => !names.has(`${row.carrier} ${row.carrierMessageId}`));
  }
  return moved;
}

/** A day that another program has dropped since (retention) has none of these messages. */
function noneIfDropped(error: unknown): FinalRow[] {
  if (isUndefinedTable(error)) return [];
  throw error;
}
