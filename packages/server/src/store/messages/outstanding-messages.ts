import { firstIdAt, timeOf } from "../../message/id.ts";
import { SUBMITTED } from "../../message/lifecycle.ts";
import type { Database } from "../database.ts";

export interface OutstandingMessage {
  /** At the carrier. */
  id: string;
  source: string;
  destination: string;
  /** Epoch milliseconds. */
  submittedAt: number;
}

const LOOK_BACK_MS = 3 * 86_400_000;
const MOST = 100_000;

const TEXT = `
SELECT m.id, coalesce(p.carrier_message_id, m.carrier_message_id) AS carrier_message_id,
       coalesce(m.sender, b.sender) AS source, m.destination::text AS destination
FROM message m
LEFT JOIN message_part p ON p.message_id = m.id AND p.state = ${SUBMITTED}
LEFT JOIN batch b ON b.id = m.batch_id
WHERE m.id >= $1 AND m.state = ${SUBMITTED} AND m.carrier = $2
ORDER BY m.id LIMIT $3`;

/** What a carrier still owes receipts for: the memory of a simulator that was started anew. */
export async function outstandingMessages(db: Database, carrier: number): Promise<OutstandingMessage[]> {
  const { rows } = await db.query<{
    id: string;
    carrier_message_id: string | null;
    source: string;
    destination: string;
  }>({ text: TEXT, values: [firstIdAt(Date.now() - LOOK_BACK_MS), carrier, MOST] });
  return rows.flatMap(({ id, carrier_message_id, source, destination }) =>
    carrier_message_id === null ? [] : [{ id: carrier_message_id, source, destination, submittedAt: timeOf(id) }],
  );
}
