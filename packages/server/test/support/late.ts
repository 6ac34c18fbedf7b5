import type pg from "pg";
import { eventsOf } from "../../src/message/story.ts";

/** The states in receipts that came too late to count, in the order in which they came. */
export async function lateStates(pool: pg.Pool, id: string): Promise<string[]> {
  const { rows } = await pool.query<{ events: string | null }>("SELECT events FROM message WHERE id = $1", [id]);
  const events = eventsOf(rows[0]?.events ?? null, { carrier: null, carrierMessageId: null }, () => null);
  return events.flatMap((event) => (event.kind === "receipt" && event.effect === "late" ? [event.state] : []));
}
