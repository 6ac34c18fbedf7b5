import { afterAll, afterEach, expect, test } from "vitest";
import { SharedPool } from "../../src/accept/shared-pool.ts";
import { NumberTaken } from "../../src/runtime/errors.ts";
import { transaction } from "../../src/store/database.ts";
import { hashOf } from "../../src/store/handsets/handset-hash.ts";
import { lockSharedNumbers, previewSharedNumbers } from "../../src/store/handsets/shared-locks.ts";
import { PLAN_SETTINGS } from "../../src/store/plan-settings.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase({ max: 20 });
afterAll(database.close);
const { pool } = database;
afterEach(() => pool.query("TRUNCATE shared_lock"));

const NUMBERS = ["447700900001", "447700900002", "447700900003"];

const poolOf = (numbers: readonly string[], most = 100) => new SharedPool(pool, numbers, most);

/** A process stores one request after the other. */
const storing = new WeakMap<SharedPool, Promise<unknown>>();

/** What an account's messages to these handsets come from, locked unless it is a dry run; rejects as `assign` does. */
async function assign(shared: SharedPool, accountId: number, handsets: readonly string[], dry = false) {
  const numbers: string[] = [];
  const messages = handsets.map((handset, index) => ({
    path: `messages[${index}].from`,
    handset,
    assign(number: string) {
      numbers[index] = number;
    },
  }));
  for (;;) {
    const locks = await shared.assign(accountId, messages);
    if (dry || locks.length === 0) return numbers;
    const made = (storing.get(shared) ?? Promise.resolve()).then(() =>
      transaction(pool, async (client) => {
        if ((await shared.lock(client, locks)).includes(false)) throw new NumberTaken("Somebody was quicker.");
      }).catch((error: unknown) => error),
    );
    storing.set(shared, made);
    const taken = await made;
    if (taken instanceof NumberTaken) continue;
    if (taken !== undefined) throw taken;
    shared.keep(locks);
    return numbers;
  }
}

async function locks(): Promise<number> {
  return (await pool.query<{ count: number }>("SELECT count(*)::int AS count FROM shared_lock")).rows[0]!.count;
}

test("an account has the same number for a handset for good, in every process", async () => {
  const [first] = await assign(poolOf(NUMBERS), 1, ["447700900123"]);
  expect(NUMBERS).toContain(first);
  expect(await assign(poolOf(NUMBERS), 1, ["447700900123", "447700900123"])).toEqual([first, first]);
  expect(await locks()).toBe(1);
});

test("accounts have different numbers for one handset, until there are none left", async () => {
  const shared = poolOf(NUMBERS);
  const numbers = await Promise.all([1, 2, 3].map((accountId) => assign(shared, accountId, ["447700900123"])));
  expect(numbers.flat().sort()).toEqual(NUMBERS);
  await expect(assign(shared, 4, ["447700900123"])).rejects.toMatchObject({
    problem: "no-shared-number",
    faults: [{ path: "messages[0].from" }],
  });
});

test("takes nothing for a request of which one handset has no number left, and names each", async () => {
  const shared = poolOf(["447700900001"]);
  await assign(shared, 1, ["447700900123"]);
  await expect(assign(shared, 2, ["447700900124", "447700900123", "447700900125"])).rejects.toMatchObject({
    faults: [{ path: "messages[1].from" }],
  });
  expect(await locks()).toBe(1);
});

test("a dry run says what would be, and locks nothing", async () => {
  const shared = poolOf(NUMBERS);
  const previewed = await assign(shared, 1, ["447700900123", "447700900124"], true);
  expect(await locks()).toBe(0);
  expect(await assign(shared, 1, ["447700900123", "447700900124"])).toEqual(previewed);
  expect(await assign(poolOf(NUMBERS), 1, ["447700900123", "447700900124"], true)).toEqual(previewed);
  await expect(assign(poolOf([]), 1, ["447700900123"], true)).rejects.toThrow();
  await expect(assign(poolOf([]), 1, ["447700900123"])).rejects.toThrow();
});

test("many accounts in many processes at once never share a number for a handset, and each keeps its own", async () => {
  const processes = Array.from({ length: 6 }, () => poolOf(NUMBERS));
  const handsets = Array.from({ length: 20 }, (_, index) => `4477009002${String(index).padStart(2, "0")}`);
  const tries = processes.flatMap((shared) =>
    [1, 2, 3].flatMap((accountId) =>
      handsets.map(async (handset) => ({
        accountId,
        handset,
        number: (await assign(shared, accountId, [handset]))[0],
      })),
    ),
  );
  const given = await Promise.all(tries);
  for (const handset of handsets) {
    const own = given.filter((one) => one.handset === handset);
    const pairs = new Set(own.map(({ accountId, number }) => `${accountId} ${number}`));
    expect({ handset, pairs: pairs.size, numbers: new Set(own.map(({ number }) => number)).size }).toEqual({
      handset,
      pairs: 3,
      numbers: 3,
    });
  }
  expect(await locks()).toBe(3 * handsets.length);
});

test("more accounts than numbers at once: as many as there are numbers, the others are refused", async () => {
  const processes = Array.from({ length: 8 }, () => poolOf(NUMBERS));
  const results = await Promise.allSettled(processes.map((shared, index) => assign(shared, index, ["447700900123"])));
  const numbers = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  expect(numbers.sort()).toEqual(NUMBERS);
});

test("a lock on a number that the pool has no more gives way to one that it has", async () => {
  await assign(poolOf(["447700900009"]), 1, ["447700900123"]);
  const [number] = await assign(poolOf(NUMBERS), 1, ["447700900123"]);
  expect(NUMBERS).toContain(number);
  expect(await locks()).toBe(1);
});

test("the accounts of one organization have so many for a handset and no more, however many ask at once", async () => {
  const { rows } = await pool.query<{ id: number }>(`
    WITH o AS (INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'x') RETURNING id)
    INSERT INTO account (identifier, organization_id, name)
    SELECT gen_random_uuid(), id, 'x' FROM o, generate_series(1, 8) RETURNING id`);
  const numbers = Array.from({ length: 10 }, (_, index) => `44770090000${index}`);
  const results = await Promise.allSettled(rows.map(({ id }) => assign(poolOf(numbers, 3), id, ["447700900123"])));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  expect(await locks()).toBe(3);
  const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  for (const error of refused) {
    expect(error).toMatchObject({
      problem: "no-shared-number",
      faults: [{ message: expect.stringContaining("as many numbers") }],
    });
  }
  // Those that have one keep it, other handsets and other organizations have their own.
  const again = await Promise.allSettled(rows.map(({ id }) => assign(poolOf(numbers, 3), id, ["447700900123"])));
  expect(again.map(({ status }) => status)).toEqual(results.map(({ status }) => status));
  expect(await assign(poolOf(numbers, 3), rows[7]!.id, ["447700900124"])).toHaveLength(1);
  expect(await assign(poolOf(numbers, 3), 1_000_000, ["447700900123"])).toHaveLength(1);
});

test("with 200,000 locks, a pair is found or locked by a handful of reads", async () => {
  await pool.query(`INSERT INTO shared_lock SELECT a, ${hashOf("447000000000 + h")}, 447700900001 + a
                    FROM generate_series(1, 2) a, generate_series(1, 100000) h`);
  await pool.query("ANALYZE shared_lock");
  const client = await pool.connect();
  try {
    const blocks = async (): Promise<number> => {
      await client.query("SELECT pg_stat_force_next_flush()");
      const { rows } = await client.query<{ blocks: number }>(
        `SELECT (idx_blks_read + idx_blks_hit + heap_blks_read + heap_blks_hit)::int AS blocks
         FROM pg_statio_user_tables WHERE relname = 'shared_lock'`,
      );
      return rows[0]!.blocks;
    };
    for (const [key, value] of Object.entries(PLAN_SETTINGS)) await client.query(`SET ${key} = ${value}`);
    const before = await blocks();
    const none = { full: false, stale: null };
    const known = await previewSharedNumbers(client, [{ accountId: 1, handset: "447000000077" }], NUMBERS, 5);
    expect(known).toEqual([{ ...none, number: "447700900002", free: null }]);
    const pair = { accountId: 3, handset: "447000000077" };
    const free = await previewSharedNumbers(client, [pair], NUMBERS, 5);
    expect(free).toEqual([{ ...none, number: null, free: "447700900001" }]);
    const lock = { ...pair, number: "447700900001", stale: null };
    expect(await lockSharedNumbers(client, [lock], NUMBERS, 5)).toEqual([true]);
    expect((await blocks()) - before).toBeLessThan(100);
  } finally {
    await client.query("DISCARD ALL");
    client.release();
  }
});
