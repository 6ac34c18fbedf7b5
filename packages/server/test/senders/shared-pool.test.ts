import { afterAll, afterEach, expect, test } from "vitest";
import { SharedPool } from "../../src/accept/shared-pool.ts";
import { hashOf } from "../../src/store/handsets/handset-hash.ts";
import { foreseeSharedNumbers, lockSharedNumbers } from "../../src/store/handsets/shared-locks.ts";
import { PLAN_SETTINGS } from "../../src/store/plan-settings.ts";
import { testDatabase } from "../database.ts";

const database = await testDatabase({ max: 20 });
afterAll(database.close);
const { pool } = database;
afterEach(() => pool.query("TRUNCATE shared_lock"));

const NUMBERS = ["447700900001", "447700900002", "447700900003"];

/** What an account's messages to these handsets come from; rejects as `assign` does. */
async function assign(shared: SharedPool, accountId: number, handsets: readonly string[], dry = false) {
  const numbers: string[] = [];
  const messages = handsets.map((handset, index) => ({
    path: `messages[${index}].from`,
    handset,
    assign(number: string) {
      numbers[index] = number;
    },
  }));
  await (dry ? shared.foresee(accountId, messages) : shared.assign(accountId, messages));
  return numbers;
}

async function locks(): Promise<number> {
  return (await pool.query<{ count: number }>("SELECT count(*)::int AS count FROM shared_lock")).rows[0]!.count;
}

test("an account has the same number for a handset for good, in every process", async () => {
  const [first] = await assign(new SharedPool(pool, NUMBERS), 1, ["447700900123"]);
  expect(NUMBERS).toContain(first);
  expect(await assign(new SharedPool(pool, NUMBERS), 1, ["447700900123", "447700900123"])).toEqual([first, first]);
  expect(await locks()).toBe(1);
});

test("accounts have different numbers for one handset, until there are none left", async () => {
  const shared = new SharedPool(pool, NUMBERS);
  const numbers = await Promise.all([1, 2, 3].map((accountId) => assign(shared, accountId, ["447700900123"])));
  expect(numbers.flat().sort()).toEqual(NUMBERS);
  await expect(assign(shared, 4, ["447700900123"])).rejects.toMatchObject({
    problem: "no-shared-number",
    faults: [{ path: "messages[0].from" }],
  });
});

test("takes nothing for a request of which one handset has no number left, and names each", async () => {
  const shared = new SharedPool(pool, ["447700900001"]);
  await assign(shared, 1, ["447700900123"]);
  await expect(assign(shared, 2, ["447700900124", "447700900123", "447700900125"])).rejects.toMatchObject({
    faults: [{ path: "messages[1].from" }],
  });
  expect(await locks()).toBe(1);
});

test("a dry run says what would be, and locks nothing", async () => {
  const shared = new SharedPool(pool, NUMBERS);
  const foreseen = await assign(shared, 1, ["447700900123", "447700900124"], true);
  expect(await locks()).toBe(0);
  expect(await assign(shared, 1, ["447700900123", "447700900124"])).toEqual(foreseen);
  expect(await assign(new SharedPool(pool, NUMBERS), 1, ["447700900123", "447700900124"], true)).toEqual(foreseen);
  await expect(assign(new SharedPool(pool, []), 1, ["447700900123"], true)).rejects.toThrow();
  await expect(assign(new SharedPool(pool, []), 1, ["447700900123"])).rejects.toThrow();
});

test("many accounts in many processes at once never share a number for a handset, and each keeps its own", async () => {
  const processes = Array.from({ length: 6 }, () => new SharedPool(pool, NUMBERS));
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
    expect([handset, pairs.size, new Set(own.map(({ number }) => number)).size]).toEqual([handset, 3, 3]);
  }
  expect(await locks()).toBe(3 * handsets.length);
});

test("more accounts than numbers at once: as many as there are numbers, the others are refused", async () => {
  const processes = Array.from({ length: 8 }, () => new SharedPool(pool, NUMBERS));
  const results = await Promise.allSettled(processes.map((shared, index) => assign(shared, index, ["447700900123"])));
  const numbers = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  expect(numbers.sort()).toEqual(NUMBERS);
});

test("a lock on a number that the pool has no more gives way to one that it has", async () => {
  await assign(new SharedPool(pool, ["447700900009"]), 1, ["447700900123"]);
  const [number] = await assign(new SharedPool(pool, NUMBERS), 1, ["447700900123"]);
  expect(NUMBERS).toContain(number);
  expect(await locks()).toBe(1);
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
    const known = await foreseeSharedNumbers(client, [{ accountId: 1, handset: "447000000077" }], NUMBERS);
    expect(known).toEqual([{ number: "447700900002", free: null }]);
    const fresh = await lockSharedNumbers(client, [{ accountId: 3, handset: "447000000077" }], NUMBERS);
    expect(fresh).toEqual([{ number: "447700900001", free: "447700900001" }]);
    expect((await blocks()) - before).toBeLessThan(60);
  } finally {
    await client.query("DISCARD ALL");
    client.release();
  }
});
