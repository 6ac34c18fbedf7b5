import { beforeEach, describe, expect, test } from "vitest";
import { eraseHandset } from "../../src/account/erase-handset.ts";
import { HIGHEST_ID, LOWEST_ID } from "../../src/http/routes/webhook-filter.ts";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { DELIVERED } from "../../src/message/lifecycle.ts";
import { erasePending } from "../../src/store/handsets/erase-final.ts";
import { oldestWaiting } from "../../src/store/messages/oldest-waiting.ts";
import { FIRST_ENDPOINTS, listEndpoints, recordEndpointStates } from "../../src/store/webhooks/endpoint-states.ts";
import { findWebhook } from "../../src/store/webhooks/find-webhook.ts";
import { listWebhooks } from "../../src/store/webhooks/list-webhooks.ts";
import { replayWebhook, replayWebhooks } from "../../src/store/webhooks/replay-webhooks.ts";
import {
  counted,
  DOWN,
  ENDPOINT,
  emptyTables,
  final,
  hooks,
  message,
  OK,
  pool,
  tried,
  URL,
} from "./webhook-bundles-rig.ts";

beforeEach(emptyTables);

describe("an account sees a webhook that had no try", () => {
  test("by its id, as pending, and does not replay it, like any that is being tried", async () => {
    const [one] = await final(1, [message()]);
    const { id } = one!;
    expect(await findWebhook(pool, 1, id)).toMatchObject({
      ...{ id, kind: "receipt", state: 0, url: URL, tries: 0, nextAt: expect.any(Date), attempts: [] },
      message: { destination: "447700900123", state: DELIVERED },
    });
    expect(await findWebhook(pool, 2, id)).toBeNull();
    expect(await replayWebhook(pool, 1, id)).toBe(false);
    const all = {
      accountId: 1,
      endpoint: null,
      first: LOWEST_ID,
      last: HIGHEST_ID,
      limit: 10,
      from: Date.now(),
      everyMs: 1,
    };
    for (const state of [0, 1, 2] as const)
      expect(await replayWebhooks(pool, { ...all, state }, LOWEST_ID)).toEqual([]);
    await tried(1, [one!], OK);
    expect(await findWebhook(pool, 1, id)).toMatchObject({ state: 1, tries: 1, nextAt: null });
    expect(await replayWebhook(pool, 1, id)).toBe(true);
  });

  test("in lists, in its place, by every filter, and on one page only", async () => {
    const finals = await final(
      1,
      Array.from({ length: 20 }, (_, index) => message({ endpoint: index % 4 === 0 ? 8 : ENDPOINT })),
    );
    await final(1, [message({ accountId: 2 })]);
    await tried(
      1,
      finals.filter((_, index) => index % 3 === 0),
      OK,
    );
    await tried(
      1,
      finals.filter((_, index) => index % 3 === 1),
      DOWN,
      Date.now() + 60_000,
    );
    const all = { accountId: 1, state: null, endpoint: null, first: LOWEST_ID, last: HIGHEST_ID };
    const idsWhere = (is: (index: number) => boolean) =>
      finals.flatMap(({ id }, index) => (is(index) ? [id] : [])).reverse();
    const last = finals[17]!.id;
    for (const [filter, expected] of [
      [{}, idsWhere(() => true)],
      [{ state: 0 }, idsWhere((index) => index % 3 > 0)],
      [{ state: 1 }, idsWhere((index) => index % 3 === 0)],
      [{ state: 2 }, []],
      [{ endpoint: 8 }, idsWhere((index) => index % 4 === 0)],
      [{ endpoint: 8, state: 0 }, idsWhere((index) => index % 4 === 0 && index % 3 > 0)],
      [{ first: last, last }, [last]],
    ] as const) {
      for (const limit of [1, 3, 7, 100]) {
        const seen: string[] = [];
        for (let before = HIGHEST_ID; ; ) {
          const { rows, end } = await listWebhooks(pool, { ...all, ...filter }, before, limit);
          for (const row of rows) expect(row).toMatchObject({ url: URL, kind: "receipt" });
          seen.push(...rows.map(({ id }) => id));
          const next = rows.length === limit ? rows.at(-1)!.id : end;
          if (next === null) break;
          before = next;
        }
        expect(seen).toEqual(expected);
      }
    }
    const { rows } = await listWebhooks(pool, { ...all, first: last, last }, HIGHEST_ID, 10);
    expect(rows).toMatchObject([{ state: 0, tries: 0, lastAttempt: null, nextAt: expect.any(Date) }]);
  });
});

test("what waits for an endpoint is counted with those that have no row yet, each once", async () => {
  const at = Date.now();
  const state = { state: 0, since: at, nextProbeAt: null, lastAt: at, lastStatus: 200, lastFault: null };
  const known = [
    { accountId: 1, endpoint: ENDPOINT },
    { accountId: 1, endpoint: 8 },
    { accountId: 2, endpoint: ENDPOINT },
  ];
  await recordEndpointStates(
    pool,
    known.map((endpoint) => ({ ...endpoint, ...state, origin: URL })),
  );
  const mine = await final(1, [message(), message(), message(), message({ endpoint: 8 })]);
  await final(1, [message({ accountId: 2 })]);
  // One has its row as the others of its bundle have none: it is still to be tried, or it is done.
  await tried(1, mine.slice(0, 1), DOWN, Date.now() + 60_000);
  await tried(1, mine.slice(1, 2), OK);
  const rows = await listEndpoints(pool, { accountId: null, organizationId: null }, FIRST_ENDPOINTS, 10);
  expect(rows.map(({ accountId, endpoint, waiting }) => ({ accountId, endpoint, waiting }))).toEqual([
    { ...known[0], waiting: 2 },
    { ...known[1], waiting: 1 },
    { ...known[2], waiting: 1 },
  ]);
});

test("one that is older than all that a page looks at is on the next page, and on that alone", async () => {
  const old = message({ id: messageId(newBatchId(Date.now() - 3_600_000), 1), endpoint: 8 });
  const [one] = await final(1, [old]);
  await pool.query(
    `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, state)
     SELECT (left($1, 31) || lpad(to_hex(n), 5, '0'))::uuid, 1, 0, $2, $3, 1 FROM generate_series(1, 20000) n`,
    [newBatchId(Date.now()), ENDPOINT, URL],
  );
  const filter = { accountId: 1, state: null, endpoint: 8, first: LOWEST_ID, last: HIGHEST_ID };
  const page = await listWebhooks(pool, filter, HIGHEST_ID, 10);
  expect(page.rows).toEqual([]);
  const next = await listWebhooks(pool, filter, page.end!, 10);
  expect({ ids: next.rows.map(({ id }) => id), end: next.end }).toEqual({ ids: [one!.id], end: null });
});

test("a final message is erased once its webhook had its try, and no sooner", async () => {
  const finals = await final(1, [message(), message({ destination: "447700900124" })]);
  expect(await eraseHandset(pool, 1, "447700900123")).toMatchObject({ messages: 0, pending: 1 });
  const due = async () => {
    await pool.query("UPDATE pending_erasure SET next_at = now()");
    await erasePending(pool, 10);
    return (await pool.query("SELECT destination::text, callback FROM message ORDER BY id")).rows;
  };
  const whole = { destination: "447700900123", callback: URL };
  const other = { destination: "447700900124", callback: URL };
  expect(await due()).toEqual([whole, other]);
  expect(await counted("pending_erasure")).toBe(1);
  await tried(1, finals, OK);
  expect(await due()).toEqual([{ destination: "0", callback: null }, other]);
  expect(await counted("pending_erasure")).toBe(0);
  expect(await hooks()).toMatchObject([{ url: "http://127.0.0.1:9/", leased_by: -1 }, { url: URL }]);
});

test("the oldest webhook that waits counts where it had no try", async () => {
  await pool.query("INSERT INTO webhook_bundle VALUES ($1, 1, $2, '{1}')", [
    newBatchId(Date.now() - 600_000),
    [message().id],
  ]);
  expect(Math.round((Date.now() - (await oldestWaiting(pool)).notify!) / 60_000)).toBe(10);
});
