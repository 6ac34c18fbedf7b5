import { afterAll, expect, onTestFinished, test } from "vitest";
import { Rejected } from "../../src/runtime/errors.ts";
import { createLog } from "../../src/runtime/log.ts";
import { createPool } from "../../src/store/pool.ts";
import { StoreWatch } from "../../src/store/watch.ts";
import { testDatabase } from "../support/database.ts";
import { databaseProxy } from "../support/database-proxy.ts";
import { until } from "../support/until.ts";

const database = await testDatabase();
afterAll(database.close);
const log = createLog({ level: "silent", name: "test", readable: false });

/** A watch over the test database, on whose disk `free()` bytes are free. */
async function watch(free: () => number, connection = database.config): Promise<StoreWatch> {
  const pool = createPool(connection, { max: 1, applicationName: "watched" });
  const store = new StoreWatch({
    database: connection,
    applicationName: "watch",
    log,
    pool,
    cutsHeld: true,
    folder: "/where/the/data/is",
    minFreeBytes: 1_000,
    freeBytes: async (folder) => (folder === "/where/the/data/is" ? free() : -1),
  });
  onTestFinished(async () => {
    await store.stop();
    await pool.end();
  });
  await store.start();
  return store;
}

/** Seconds after which the request is to come again; null where it is taken. */
function refusal(ask: () => void): number | null {
  try {
    ask();
    return null;
  } catch (error) {
    if (error instanceof Rejected && error.problem === "store-unavailable") return error.retryAfter;
    throw error;
  }
}

test("nothing more is taken while there is less room than the floor, and again once there is", async () => {
  let free = 1_000;
  const store = await watch(() => free);
  const { full, freeBytes } = store;
  expect({ full, freeBytes, refusal: refusal(() => store.mustTake()) }).toEqual({
    full: false,
    freeBytes: 1_000,
    refusal: null,
  });
  free = 999;
  await until("the disk to be nearly full", () => store.full);
  expect(store.freeBytes).toBe(999);
  expect(refusal(() => store.mustTake())).toBeGreaterThan(0);
  // What stores nothing is answered all the same.
  expect(refusal(() => store.mustAnswer())).toBeNull();
  free = 1_000;
  await until("room", () => !store.full);
  expect(refusal(() => store.mustTake())).toBeNull();
});

test("a disk that cannot be read changes nothing", async () => {
  let look = 0;
  const store = await watch(() => {
    look++;
    if (look > 1) throw new Error("EIO");
    return 5_000;
  });
  await until("a second look", () => look > 1);
  expect({ full: store.full, freeBytes: store.freeBytes }).toEqual({ full: false, freeBytes: 5_000 });
});

test("a store that refuses is told from one that is silent: it says so to whoever asks", async () => {
  const proxy = await databaseProxy(database);
  onTestFinished(proxy.close);
  const store = await watch(() => 5_000, { connectionString: proxy.database.url });
  const before = store.lastOutageAt;
  await proxy.cut();
  await until("the outage to be seen", () => store.lastOutageAt > before);
  expect(refusal(() => store.mustAnswer())).toBeNull();
  await proxy.restore();
});
