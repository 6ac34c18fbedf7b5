import { columns, type Database } from "../database.ts";

/** A webhook with a body of its own, to be claimed by whoever has room for it. */
export interface NewWebhook {
  /** Time-ordered, as `newBatchId` makes them. */
  id: string;
  accountId: number;
  /** `n` an intermediate notification, `i` an inbound message, `e` an event. */
  kind: "n" | "i" | "e";
  url: string;
  /** `endpointNumber` of account and URL. */
  endpoint: number;
  /** Of a notification, its message's identifier. */
  body: string;
}

const NAMES = ["id", "accountId", "kind", "url", "endpoint", "body"] as const satisfies readonly (keyof NewWebhook)[];

const TEXT = `
INSERT INTO webhook (id, account_id, kind, url, endpoint, body, next_at, leased_by)
SELECT id, account_id, kind, url, endpoint, body, now(), 0
FROM unnest($1::uuid[], $2::int[], $3::"char"[], $4::text[], $5::int[], $6::text[])
  AS t (id, account_id, kind, url, endpoint, body)`;

/** Wake whoever claims (`wakeOthers`, "webhooks") once it is committed. */
export async function insertWebhooks(db: Database, rows: readonly NewWebhook[]): Promise<void> {
  await db.query({ name: "insert-webhooks", text: TEXT, values: columns(rows, NAMES) });
}
