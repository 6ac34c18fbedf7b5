import { afterAll, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { testDatabase } from "../support/database.ts";
import { addAccount, newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const database = await testDatabase();
afterAll(database.close);
const { pool } = database;
const program = await startProgram({
  database,
  config: {
    organizationKey: newKey(),
    accountKey: newKey(),
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [3_600] },
  },
});
afterAll(() => program.stop());
await addAccount(pool);
await addAccount(pool);

/** One number for the endpoints of all accounts, as URLs can be found that share one. */
const NUMBER = 7;

async function due(accountId: number, path: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => messageId(newBatchId(Date.now() - index), 1));
  await pool.query(
    `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, kind, body, next_at)
     SELECT id, $2, 0, $3, $4, 'e', '{}', now() FROM unnest($1::uuid[]) AS t (id)`,
    [ids, accountId, NUMBER, hooks.url(path)],
  );
}

async function delivered(accountId: number): Promise<number> {
  const text = "SELECT count(*)::int AS n FROM webhook WHERE account_id = $1 AND state = 1";
  return (await pool.query<{ n: number }>(text, [accountId])).rows[0]!.n;
}

test("an account's endpoint that fails holds up none of another's webhooks", async () => {
  const { rows } = await pool.query<{ id: number }>("SELECT id FROM account ORDER BY id DESC LIMIT 2");
  const [failing, working] = rows.map(({ id }) => id) as [number, number];
  hooks.script("/fails", 500);
  await due(failing, "/fails", 200);
  await hooks.waitFor("/fails", 20);
  await due(working, "/works", 120);
  await until("all of the other's to be delivered", async () => (await delivered(working)) === 120);
  expect(await delivered(failing)).toBe(0);
  const left = "SELECT FROM webhook WHERE account_id = $1 AND state = 0 AND attempts IS NULL";
  expect((await pool.query(left, [failing])).rowCount).toBeGreaterThan(100);
});
