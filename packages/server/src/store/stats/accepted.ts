import { type Channel, USUAL_CHANNEL } from "../../message/channel.ts";
import { timeOf } from "../../message/id.ts";
import { ACCEPTED } from "../../message/lifecycle.ts";
import type { Database } from "../database.ts";
import { Counts, MINUTE_MS, type TimedCounts } from "./counts.ts";

/** The counts of a message when it is accepted. */
interface AcceptedMessage {
  id: string;
  accountId: number;
  destination: string;
  parts: number;
  plan?: { channel: Channel };
}

/** Counts of accepted messages. */
export interface AcceptedCounts extends TimedCounts {
  /** Of the first. */
  accountId: number;
}

/** Accepted messages, by the minutes that their ids were made in: nearly always one. */
export function acceptedCounts(messages: readonly AcceptedMessage[]): AcceptedCounts[] {
  const minutes = new Map<number, Counts>();
  for (const { id, accountId, destination, parts, plan } of messages) {
    const at = Math.floor(timeOf(id) / MINUTE_MS) * MINUTE_MS;
    let counts = minutes.get(at);
    if (counts === undefined) {
      counts = new Counts();
      minutes.set(at, counts);
    }
    const channel = plan === undefined || plan.channel === USUAL_CHANNEL ? null : plan.channel;
    counts.add(ACCEPTED, accountId, destination, channel, null, null, null, parts);
  }
  const accountId = messages[0]?.accountId ?? 0;
  return [...minutes].map(([at, counts]) => ({ accountId, at, counts: counts.toString() }));
}

/**
 * Inserts them where `condition` is so, of which `account_id` is their account.
 * @param first the first of three parameters, `countValues`
 */
export function insertCounts(first: number, condition: string): string {
  return `
INSERT INTO stat_flush (at, counts)
SELECT to_timestamp(at / 1000), counts
FROM unnest($${first}::int[], $${first + 1}::float8[], string_to_array($${first + 2}, E'\\n')) AS t (account_id, at, counts)
WHERE ${condition}`;
}

export function countValues(counts: readonly AcceptedCounts[]): unknown[] {
  return [
    counts.map(({ accountId }) => accountId),
    counts.map(({ at }) => at),
    counts.map((one) => one.counts).join("\n"),
  ];
}

const COUNT = insertCounts(1, "true");

/** Counts messages that are accepted by the transaction. */
export async function countAccepted(db: Database, messages: readonly AcceptedMessage[]): Promise<void> {
  await db.query({ name: "count-accepted", text: COUNT, values: countValues(acceptedCounts(messages)) });
}
