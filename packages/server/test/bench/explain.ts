/**
 * `npm run bench:explain`: EXPLAIN (ANALYZE, BUFFERS, WAL) of every hot statement, as the flow runs it, on a store with
 * MESSAGES of history (default 0) spread over the days before. What is printed stands in docs/performance.md.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageId, newBatchId } from "../../dist/message/id.js";
import type { BundleRef } from "../../dist/store/bundle.js";
import { startEmbedded } from "../../dist/store/embedded/embedded.js";
import { batchStatus } from "../../dist/store/messages/batch-status.js";
import {
  type BundleText,
  claimBundles,
  insertPlainBundle,
  messagesOfBundle,
} from "../../dist/store/messages/bundles.js";
import { claimMessages } from "../../dist/store/messages/claim-messages.js";
import { insertBatches } from "../../dist/store/messages/insert-batches.js";
import { listPendingBatches } from "../../dist/store/messages/pending-batches.js";
import { recordFirstOutcomes } from "../../dist/store/messages/record-first-outcomes.js";
import { recordReceipts } from "../../dist/store/messages/record-receipts.js";
import { releasePending } from "../../dist/store/messages/release-pending.js";
import type { Bundled } from "../../dist/store/messages/waiting-message.js";
import { PLAN_SETTINGS } from "../../dist/store/plan-settings.js";
import { createPool } from "../../dist/store/pool.js";
import { MIGRATIONS, migrate } from "../../dist/store/upkeep/migrate.js";
import { Partitions } from "../../dist/store/upkeep/partition-names.js";
import { ensurePartitions } from "../../dist/store/upkeep/partitions.js";
import { BEFORE_ALL, claimWebhooks } from "../../dist/store/webhooks/claim-webhooks.js";
import { recordAttempts } from "../../dist/store/webhooks/record-attempts.js";
import { explaining } from "./explaining.js";
import { fillBatches, fillHistory, fillPending, fillToday } from "./history.js";

const ROWS = Number(process.env.EXPLAIN_ROWS ?? 32);
const HISTORY = Number(process.env.MESSAGES ?? 0);
const DAY_MS = 86_400_000;
const NODE = 1;
/** Batches that are held for their time. */
const PENDING = 10_000;
/** Rows that the day's partitions have when their statistics are taken: a plan must be right on a young table too. */
const YOUNG = Number(process.env.EXPLAIN_YOUNG ?? 0);

const folder = mkdtempSync(join(tmpdir(), "mplus-explain-"));
chmodSync(folder, 0o755);
const database = await startEmbedded({ dataDir: folder, log: () => {} });
try {
  await migrate(database.connection, MIGRATIONS, () => {});
  const pool = createPool(database.connection, { max: 2, applicationName: "explain", sessionSettings: PLAN_SETTINGS });
  const now = Date.now();
  await ensurePartitions(pool, now - (HISTORY > 0 ? 10 : 0) * DAY_MS, now + DAY_MS);
  if (HISTORY > 0) {
    await fillHistory(pool, HISTORY, now);
    await fillBatches(pool, HISTORY / 100, now);
  }
  await fillPending(pool, PENDING, now);
  if (YOUNG > 0) await fillToday(pool, YOUNG, now);
  const partitions = new Partitions();
  await partitions.refresh(pool);
  const client = await pool.connect();
  const db = explaining(client, ROWS);
  const ids = Array.from({ length: ROWS }, () => messageId(newBatchId(now), 1));
  const messages = ids.map((id, index) => ({
    id,
    accountId: 1,
    destination: String(447_700_910_000 + index),
    parts: 1,
    expiresAt: now + 2 * DAY_MS,
    receiptBy: null,
    leasedBy: NODE,
    batchId: null,
    givenId: null,
    sender: "Bench",
    body: `Your code is ${index}`,
    callback: "http://127.0.0.1:8090/",
    endpoint: 1,
  }));
  const stored = await insertPlainBundle(db, { node: NODE, accountId: 0, messages }, [1]);
  const lease = { node: NODE, full: [] };
  await recordFirstOutcomes(
    db,
    partitions,
    messagesOfBundle(stored as BundleText).map(({ id, bundled }, index) => {
      return { id, state: 1, carrier: 1, carrierMessageId: `c${index}`, code: null, bundled: bundled as Bundled };
    }),
    [],
    [ids[0] as string],
    NODE,
    lease,
    true,
  );
  const finals = await recordReceipts(
    db,
    partitions.recent("message", now - 3 * DAY_MS, now),
    ids.map((_, index) => ({
      carrier: 1,
      carrierMessageId: `c${index}`,
      destination: String(447_700_910_000 + index),
      state: 2,
      code: 0,
    })),
    NODE,
    lease,
  );
  const shared = { accountId: 1, parts: 1, sender: "Bench", body: "Hello", callback: "http://127.0.0.1:8090/" };
  const attempt = JSON.stringify({
    at: new Date(now).toISOString(),
    status: 200,
    fault: null,
    answer: null,
    totalMs: 1,
  });
  await recordAttempts(
    db,
    partitions,
    finals.map(({ id, bundle }) => {
      return { accountId: 1, id, state: 1, nextAt: null, attempt, url: shared.callback, endpoint: 1, bundle };
    }),
    NODE,
    finals.slice(0, 1).map(({ bundle }) => (bundle as BundleRef).id),
  );
  const batch = newBatchId(now);
  const one = explaining(client, 1);
  await insertBatches(one, [{ ...shared, id: batch, total: 1_000, endpoint: 1, givenId: null }]);
  await batchStatus(one, 1, batch);
  await listPendingBatches(explaining(client, 100), 1, null, 100);
  // The looks for what is due and in nobody's memory, as an idle program has them: there is nothing.
  const none = explaining(client, 0);
  await claimMessages(none, NODE, 1_000, 1_000);
  await claimBundles(none, NODE, 4);
  await claimWebhooks(none, NODE, 512, 1_000, [], BEFORE_ALL);
  await releasePending(none, NODE, 1_000, 1_000);
  client.release();
  await pool.end();
} finally {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
}
