import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newSecretKey } from "../../src/message/webhook-secret.ts";
import { AccountSecrets } from "../../src/notify/secrets.ts";
import { createLog } from "../../src/runtime/log.ts";
import { addSecret, removeSecret } from "../../src/store/webhooks/webhook-secrets.ts";
import { testDatabase } from "../support/database.ts";
import { addAccount } from "../support/program.ts";

const database = await testDatabase();
afterAll(database.close);
const { pool } = database;
const log = createLog({ level: "silent", name: "test", readable: false });
const clock = { time: 1_000, now: () => clock.time };
const secrets = () => new AccountSecrets({ pool, log, clock, stop: new AbortController().signal });
const identifier = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, "0")}`;

const keys = [newSecretKey(), newSecretKey()] as const;
let accounts: number[] = [];
beforeAll(async () => {
  for (let count = 0; count < 3; count++) await addAccount(pool);
  accounts = (await pool.query<{ id: number }>("SELECT id FROM account ORDER BY id")).rows.map(({ id }) => id);
  await addSecret(pool, accounts[0]!, identifier(1), keys[0]);
  await addSecret(pool, accounts[0]!, identifier(2), keys[1]);
  await addSecret(pool, accounts[1]!, identifier(3), keys[0]);
});

test("an account's keys, the newest first, are read once and then known at once", async () => {
  const own = secrets();
  const first = own.of(accounts[0]!);
  expect(first).toBeInstanceOf(Promise);
  expect(await first).toEqual([keys[1], keys[0]]);
  expect(own.of(accounts[0]!)).toEqual([keys[1], keys[0]]);
});

test("accounts that are asked for together are read together; one without secrets is known, too", async () => {
  const own = secrets();
  const read = await Promise.all(accounts.map((id) => own.of(id)));
  expect(read).toEqual([[keys[1], keys[0]], [keys[0]], []]);
  expect(accounts.map((id) => own.of(id))).toEqual(read);
});

test("what has changed is known once it is said, or after ten seconds", async () => {
  const own = secrets();
  const [, , account] = accounts;
  expect(await own.of(account!)).toEqual([]);
  await addSecret(pool, account!, identifier(4), keys[0]);
  expect(own.of(account!)).toEqual([]);
  own.forget();
  expect(await own.of(account!)).toEqual([keys[0]]);
  await removeSecret(pool, account!, identifier(4));
  clock.time += 9_999;
  expect(own.of(account!)).toEqual([keys[0]]);
  clock.time += 1;
  expect(await own.of(account!)).toEqual([]);
});

test("what was being read when it changed is not kept", async () => {
  const own = secrets();
  const reading = own.of(accounts[0]!);
  // By then the query is under way.
  await turn();
  own.forget();
  await reading;
  expect(own.of(accounts[0]!)).toBeInstanceOf(Promise);
  await own.of(accounts[0]!);
  expect(own.of(accounts[0]!)).toEqual([keys[1], keys[0]]);
});
