import { beforeEach, expect, test } from "vitest";
import type { Endpoint } from "../../src/message/endpoint.ts";
import { EndpointShares } from "../../src/notify/fairness/shares.ts";
import { Notifier } from "../../src/notify/notifier.ts";
import { SmppDeliveries } from "../../src/notify/smpp/deliveries.ts";
import type { Webhook } from "../../src/notify/webhook.ts";
import { createLog } from "../../src/runtime/log.ts";
import { BEFORE_ALL, claimWebhooks } from "../../src/store/webhooks/claim-webhooks.ts";
import { failingEndpoints, recordHealth } from "../../src/store/webhooks/endpoint-health.ts";
import { webhookClaims } from "../support/webhook-claims.ts";
import {
  counted,
  ENDPOINT,
  emptyTables,
  final,
  hooks,
  message,
  newId,
  partitions,
  pool,
} from "./webhook-bundles-rig.ts";

beforeEach(emptyTables);

/** Two accounts' endpoints may have one number: a URL can be found that has another's. */
const MINE: Endpoint = { accountId: 1, endpoint: ENDPOINT };
const OTHERS: Endpoint = { accountId: 2, endpoint: ENDPOINT };

async function due({ accountId, endpoint }: Endpoint, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  await pool.query(
    `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, kind, body, next_at)
     SELECT id, $2, 0, $3, 'http://127.0.0.1:9/', 'e', '{}', now() FROM unnest($1::uuid[]) AS t (id)`,
    [ids, accountId, endpoint],
  );
  return ids;
}

test("where one has no room, what becomes final at the other's is handed off", async () => {
  const finals = await final(1, [message(MINE), message(OTHERS)], [MINE]);
  expect(finals.map(({ bundle }) => bundle?.left)).toEqual([undefined, 1]);
  expect(await hooks()).toMatchObject([{ id: finals[0]!.id, account_id: 1 }]);
  expect(await counted("bundled_webhook")).toBe(1);
});

test("where one has no room, what waits for the other is claimed", async () => {
  await due(MINE, 30);
  const others = await due(OTHERS, 30);
  const claimed = await claimWebhooks(pool, 1, 20, 100, [{ ...MINE, room: 0 }], BEFORE_ALL);
  expect(claimed.map(({ id }) => id).sort()).toEqual(others.slice(0, 20));
  const again = await claimWebhooks(pool, 1, 20, 100, [{ ...OTHERS, room: 3 }], BEFORE_ALL);
  expect(again.map(({ accountId }) => accountId).sort()).toEqual([...Array(20).fill(1), ...Array(3).fill(2)]);
});

test("a claim looks at what comes behind an endpoint, by account and number", async () => {
  const all = [
    { accountId: 1, endpoint: -5 },
    { accountId: 1, endpoint: 9 },
    { accountId: 2, endpoint: -2_147_483_648 },
    { accountId: 2, endpoint: 9 },
  ] as const;
  for (const [index, after] of [BEFORE_ALL, ...all].entries()) {
    await pool.query("TRUNCATE webhook");
    for (const endpoint of all) await due(endpoint, 2);
    const claimed = await claimWebhooks(pool, 1, 1, 100, [], after);
    const seen = claimed.map(({ accountId, endpoint }) => `${accountId} ${endpoint}`);
    expect(seen.sort()).toEqual(all.slice(index).map(({ accountId, endpoint }) => `${accountId} ${endpoint}`));
  }
});

test("one that fails is told apart from the other", async () => {
  const change = { ...MINE, origin: "http://127.0.0.1:9", failing: true, reason: "500" };
  await recordHealth(pool, [change]);
  expect(await failingEndpoints(pool)).toEqual([MINE]);
});

test("an account with many endpoints that wait does not keep another's from being claimed", async () => {
  for (let endpoint = 0; endpoint < 20; endpoint++) await due({ accountId: 1, endpoint }, 300);
  const [other] = await due(OTHERS, 1);
  const log = createLog({ level: "silent", name: "test", readable: false });
  const clock = { now: Date.now };
  const notifier = new Notifier({
    tracing: null,
    pool,
    partitions,
    log,
    clock,
    smpp: new SmppDeliveries(async () => "unbound", 0),
    // Nothing is posted: the lease is not held as far as posting goes.
    holdsLease: () => false,
    exchanger: { waitMs: 0, post: () => {}, close: async () => {} },
    shares: new EndpointShares<Webhook>({ inFlight: 16, perEndpoint: 4, clock, random: Math.random }),
    retryDelays: [],
    environment: "test",
    random: Math.random,
    node: () => 1,
    release: async () => {},
    onAttempt: () => {},
    onRoom: () => {},
    onHealth: () => {},
    onPutOff: () => {},
  });
  const claims = webhookClaims(pool, notifier);
  expect({ took: await claims.take(), has: notifier.has(other!) }).toEqual({ took: true, has: false });
  expect({ took: await claims.take(), has: notifier.has(other!) }).toEqual({ took: true, has: true });
  // After the last it begins anew, with what was left of the first.
  expect(await pool.query("SELECT FROM webhook WHERE leased_by = 0 AND endpoint = 0")).toMatchObject({ rowCount: 172 });
  await claims.take();
  expect(await pool.query("SELECT FROM webhook WHERE leased_by = 0 AND endpoint = 0")).toMatchObject({ rowCount: 44 });
});
