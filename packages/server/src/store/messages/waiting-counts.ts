import { FAILING, PROBED } from "../../message/endpoint-state.ts";
import type { Database } from "../database.ts";
import { NOT_DUE, WAITS } from "../webhooks/leased-by.ts";

/** More rows of a stage are not counted: each look would cost more than it tells. */
const MOST_COUNTED = 100_000;

/** How many messages, receipts and webhooks wait; at most MOST_COUNTED of each are counted. */
export interface WaitingCounts {
  /** Messages to be submitted; of a bundle all until it has ended. */
  send: number;
  /** Receipts whose message is not known yet. */
  receipt: number;
  /** Webhooks that are owed, those that wait for the time of their next try among them. */
  notify: number;
  /** Messages that are held for their time. */
  schedule: number;
  /** Endpoints whose last try has failed, and those that are only probed. */
  failing: number;
  probed: number;
}

const some = (from: string): string => `(SELECT count(*) FROM (SELECT FROM ${from} LIMIT ${MOST_COUNTED}) x)`;
const bundled = (table: string): string => `coalesce((SELECT sum(cardinality(ids)) FROM ${table} WHERE node >= 0), 0)`;

const TEXT = `
SELECT least(${MOST_COUNTED}, ${some(`message WHERE next_at IS NOT NULL AND leased_by >= ${WAITS}`)}
             + ${bundled("message_bundle")})::int AS send,
       ${some("parked_receipt")}::int AS receipt,
       least(${MOST_COUNTED}, ${some(`webhook WHERE next_at IS NOT NULL AND (leased_by >= ${WAITS} OR leased_by = ${NOT_DUE})`)}
             + ${bundled("webhook_bundle")})::int AS notify,
       least(${MOST_COUNTED}, (SELECT coalesce(sum(total), 0) FROM pending_batch))::int AS schedule,
       (SELECT count(*) FROM endpoint_state WHERE state = ${FAILING})::int AS failing,
       (SELECT count(*) FROM endpoint_state WHERE state = ${PROBED})::int AS probed`;

/** Of all programs on the store. */
export async function waitingCounts(db: Database): Promise<WaitingCounts> {
  const { rows } = await db.query<WaitingCounts>({ name: "waiting-counts", text: TEXT });
  return rows[0] as WaitingCounts;
}
