import type { Endpoint } from "../../src/message/endpoint.ts";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED, SUBMITTED } from "../../src/message/lifecycle.ts";
import { Attempts } from "../../src/notify/attempts.ts";
import type { Webhook } from "../../src/notify/webhook.ts";
import { createLog } from "../../src/runtime/log.ts";
import { insertPlainBundle, messagesOfBundle } from "../../src/store/messages/bundles.ts";
import type { FinalRow } from "../../src/store/messages/finals.ts";
import type { NewMessage } from "../../src/store/messages/insert-messages.ts";
import { Partitions } from "../../src/store/upkeep/partition-names.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { BEFORE_ALL, claimWebhooks, ripenWebhooks } from "../../src/store/webhooks/claim-webhooks.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";
import { CARRIER, progressOf, receiptOf, recordOutcome } from "../support/progress.ts";

/** What the tests of bundled webhooks have in common: a database with two accounts, messages that end, and tries. */

export const DAY_MS = 86_400_000;
export const URL = "http://127.0.0.1:9/hook";
export const ENDPOINT = 7;

// For all files of a worker, which share this module; it goes with the run.
export const { pool } = await testDatabase();
await pool.query("INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'one')");
for (const name of ["a", "b"]) {
  await pool.query("INSERT INTO account (identifier, organization_id, name) VALUES (gen_random_uuid(), 1, $1)", [name]);
}
await pool.query("INSERT INTO account_webhook VALUES (1, NULL, NULL, 'http://127.0.0.1:9/events', 8)");
await ensurePartitions(pool, Date.now() - DAY_MS, Date.now());
export const partitions = new Partitions();
await partitions.refresh(pool);

/** To be done before each test. */
export async function emptyTables(): Promise<void> {
  await pool.query(
    `TRUNCATE message_bundle, webhook_bundle, message, webhook, batch, batch_count, node, pending_erasure, endpoint_health,
       endpoint_state`,
  );
}

/** Each message is a millisecond younger than the one before. */
let clock = Date.now() - 60_000;
export const newId = (before = 0) => messageId(newBatchId(clock++ - before), 1);

export function message(over: Partial<NewMessage> = {}): NewMessage {
  return newMessage({ id: newId(), callback: URL, endpoint: ENDPOINT, ...over });
}

export const rig = (node: number, full: Endpoint[] = [], taker = node) =>
  progressOf(pool, node, { node: taker, full }, partitions);

/** Accepted in a bundle, submitted, and delivered by a receipt that met the answer; answers what was made final. */
export async function final(node: number, messages: readonly NewMessage[], full: Endpoint[] = [], taker = node) {
  const bundle = await insertPlainBundle(pool, { node, accountId: 0, messages }, [1, 2]);
  const { progress, finals } = rig(node, full, taker);
  await Promise.all(
    messagesOfBundle(bundle!).flatMap(({ id, bundled }) => [
      recordOutcome(progress, { id, state: SUBMITTED, code: null, carrier: CARRIER, carrierMessageIds: [id], bundled }),
      progress.recordReceipt(receiptOf(id, DELIVERED, "00")),
    ]),
  );
  return finals;
}

/** As the notifier has it in memory. */
export function buffered({ id, accountId, url, endpoint, bundle }: FinalRow): Webhook {
  const rest = {
    kind: "receipt",
    tries: 0,
    retry: false,
    body: null,
    message: null,
    origin: "http://127.0.0.1:9",
  } as const;
  return { id, accountId, url: url!, endpoint: endpoint!, bundle, ...rest };
}

export const OK = {
  result: "delivered",
  status: 200,
  fault: null,
  detail: null,
  retryAfterMs: null,
  fresh: false,
  answer: "fine\n",
  phases: { connectMs: 1, firstByteMs: 2, totalMs: 3 },
} as const;
export const DOWN = { ...OK, result: "failed", status: 500 } as const;

/** Records a try of each, in one flush; answers whether each was recorded. */
export function tried(
  node: number,
  finals: readonly FinalRow[],
  outcome: typeof OK | typeof DOWN,
  nextAt: number | null = null,
) {
  const log = createLog({ level: "silent", name: "test", readable: false });
  const attempts = new Attempts({ pool, partitions, log, stop: new AbortController().signal, node: () => node });
  const one = (final: FinalRow) =>
    new Promise<boolean | Error>((done) => attempts.add(buffered(final), 1_764_093_600_123, outcome, nextAt, done));
  return Promise.all(finals.map(one));
}

export const counted = async (table: string) => (await pool.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;
export const hooks = async () => (await pool.query("SELECT * FROM webhook ORDER BY id")).rows;
export async function claim(node: number) {
  await ripenWebhooks(pool, 500);
  return claimWebhooks(pool, node, 500, 500, [], BEFORE_ALL);
}
