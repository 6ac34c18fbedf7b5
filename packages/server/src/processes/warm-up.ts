import type { Pool, PoolClient } from "pg";
import { readPlainRequest } from "../http/send/plain-request.ts";
import type { Send } from "../http/send/sending.ts";
import { messageId, newBatchId } from "../message/id.ts";
import { DELIVERED, SUBMITTED } from "../message/lifecycle.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { rolledBack } from "../store/database.ts";
import { bundleContent, bundleMessages } from "../store/messages/bundle-content.ts";
import { insertPlainBundle } from "../store/messages/bundles.ts";
import type { NewMessage } from "../store/messages/insert-messages.ts";
import { recordFirstOutcomes } from "../store/messages/record-first-outcomes.ts";
import { recordReceipts } from "../store/messages/record-receipts.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { recordAttempts } from "../store/webhooks/record-attempts.ts";

/** After this many V8 has compiled the code of every request. */
const REQUESTS = 200;
/** Connections of the flushes that may be under way at once in a process, and one for all other work. */
const CONNECTIONS = 3;
/** Nothing becomes final in it, so the statements are those of a node that takes all webhooks. */
const LEASE = { node: 1, full: [] };

export interface WarmUpOptions {
  pool: Pool;
  log: Logger;
}

/**
 * Does the work that the first callers would otherwise wait for, before the port opens: requests that nobody sent make V8 compile
 * the code of every request, and PostgreSQL plans the statement of the default flush. Without it the first 200 of 1,000 requests
 * a second had a p99 of 45 ms.
 */
export async function warmUpAccept(options: WarmUpOptions & { send: Send; bodyLimit: number }): Promise<void> {
  const { send, bodyLimit } = options;
  await warmUp(options, async (count) => {
    const bytes = request();
    while (count.requests < REQUESTS) {
      const plain = readPlainRequest(bytes, bodyLimit);
      if (typeof plain !== "object") throw new Error(`its request is ${plain}`);
      const { path, query, headers, body } = plain;
      const bodyType = headers["content-type"];
      await send(path, { query, headers, body, bodyType, accountId: 0, priced: false, organizationId: 0 });
      count.requests++;
    }
    await planned(options.pool, count, async (client) => {
      await insertPlainBundle(client, { node: 0, accountId: 0, messages: [message()] }, [0]);
    });
  });
}

/** The same for the stages behind accept: plans the statements of an outcome, a receipt and a webhook's try. */
export async function warmUpFlow(options: WarmUpOptions & { partitions: Partitions }): Promise<void> {
  const { pool, partitions } = options;
  const [bundled] = bundleMessages(bundleContent([message()]));
  const { id, destination } = bundled!;
  const bundle = { id, left: 1 };
  const submitted = { id, state: SUBMITTED, carrier: 0, carrierMessageId: id, code: null, events: "s" };
  const outcome = { ...submitted, bundled: { bundle, message: bundled!, batch: null } };
  const receipt = { carrier: 0, carrierMessageId: id, destination, state: DELIVERED, code: 0, events: "d" };
  const webhook = { accountId: 0, id, url: "http://localhost/", endpoint: 0 };
  const attempt = { ...webhook, state: 1, nextAt: null, attempt: "{}", bundle };
  await warmUp(options, async (count) => {
    await planned(pool, count, async (client) => {
      await recordFirstOutcomes(client, partitions, [outcome], [], [], 0, LEASE, true);
      await recordReceipts(client, partitions.recent("message", Date.now(), Date.now()), [receipt], 0, LEASE);
      await recordAttempts(client, partitions, [attempt], 0, [id]);
    });
  });
}

/** The progress of a warm-up. */
interface Count {
  requests: number;
  connections: number;
}

/** A failure costs only the time that it would have saved. */
async function warmUp({ log }: WarmUpOptions, work: (count: Count) => Promise<void>): Promise<void> {
  const count: Count = { requests: 0, connections: 0 };
  try {
    await work(count);
    log.debug(count, "warmed up");
  } catch (error) {
    log.debug({ ...count, err: asError(error) }, "the warm-up was broken off");
  }
}

/** Does some work on several connections at once, and rolls it back: its statements stay planned. */
async function planned(pool: Pool, count: Count, work: (client: PoolClient) => Promise<void>): Promise<void> {
  const one = async (): Promise<void> => {
    await rolledBack(pool, work);
    count.connections++;
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}

function request(): Buffer {
  const from = { type: "custom", value: "Warm-up" };
  const body = JSON.stringify({ messages: [{ from, to: "447700900000", body: "Your code is 000000" }] });
  const head = `host: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.from(`POST /message?dryRun=true HTTP/1.1\r\n${head}${body}`);
}

function message(): NewMessage {
  return {
    id: messageId(newBatchId(Date.now()), 1),
    accountId: 0,
    destination: "447700900000",
    parts: 1,
    expiresAt: Date.now(),
    receiptBy: null,
    leasedBy: 0,
    batchId: null,
    givenId: null,
    sender: "Warm-up",
    body: "Your code is 000000",
    callback: null,
    endpoint: null,
  };
}
