import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createExchanger } from "../../src/notify/client/exchange.ts";
import { EndpointShares } from "../../src/notify/fairness/shares.ts";
import { Notifier } from "../../src/notify/notifier.ts";
import { SmppDeliveries } from "../../src/notify/smpp/deliveries.ts";
import type { Webhook } from "../../src/notify/webhook.ts";
import { createLog } from "../../src/runtime/log.ts";
import { releaseWebhooks } from "../../src/store/webhooks/claim-webhooks.ts";
import { emptyTables, newId, partitions, pool } from "../store/webhook-bundles-rig.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { webhookClaims } from "../support/webhook-claims.ts";
import { LOOPBACK } from "./receivers.ts";

beforeEach(emptyTables);

const hooks = await receiver();
afterAll(hooks.close);
await pool.query("INSERT INTO webhook_secret (identifier, account_id, key) VALUES ($1, 1, $2)", [
  randomUUID(),
  randomBytes(32),
]);

const log = createLog({ level: "silent", name: "test", readable: false });
const clock = { now: Date.now };
const exchanger = createExchanger({ policy: LOOPBACK, timeoutMs: 5_000, connections: 8 });
const notifier = new Notifier({
  tracing: null,
  pool,
  partitions,
  log,
  clock,
  smpp: new SmppDeliveries(async () => "unbound", 0),
  holdsLease: () => true,
  exchanger,
  shares: new EndpointShares<Webhook>({ inFlight: 16, perEndpoint: 8, clock, random: Math.random }),
  retryDelays: [0.01],
  // What no header carries.
  environment: "line\nbreak",
  random: Math.random,
  node: () => 1,
  release: (webhooks) => releaseWebhooks(pool, webhooks, 1),
  onAttempt: () => {},
  onRoom: () => {},
  onHealth: () => {},
  onPutOff: () => {},
});
afterAll(async () => {
  await notifier.stop();
  await exchanger.close();
});
const claims = webhookClaims(pool, notifier);

async function due(kind: "e" | "i" | null, url: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => newId());
  await pool.query(
    `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, kind, body, next_at)
     SELECT id, 1, 0, 7, $2, $3::"char", CASE WHEN $3::"char" IS NOT NULL THEN '{}' END, now() FROM unnest($1::uuid[]) AS t (id)`,
    [ids, url, kind],
  );
}

test("what cannot be sent has its tries, is exhausted, and holds up nothing else", async () => {
  await due("i", hooks.url("/inbound"), 30);
  await due(null, hooks.url("/erased"), 1);
  await due("e", "http://[", 1);
  await due("e", hooks.url("/event"), 30);
  await until("all to be settled", async () => {
    await claims.take();
    const { rowCount } = await pool.query("SELECT FROM webhook WHERE state = 0");
    return rowCount === 0;
  });
  const text = `
    SELECT url, state, tries, leased_by AS leased, attempts[1]::json ->> 'fault' AS fault, count(*)::int AS count
    FROM webhook GROUP BY 1, 2, 3, 4, 5 ORDER BY url COLLATE "C"`;
  const exhausted = { state: 2, tries: 2, leased: 0, fault: "internal" };
  expect((await pool.query(text)).rows).toEqual([
    { ...exhausted, url: hooks.url("/erased"), count: 1 },
    { url: hooks.url("/event"), state: 1, tries: 1, leased: 0, fault: null, count: 30 },
    { ...exhausted, url: hooks.url("/inbound"), count: 30 },
    { ...exhausted, url: "http://[", count: 1 },
  ]);
  expect(notifier.buffered).toBe(0);
});
