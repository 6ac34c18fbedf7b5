import { afterAll, expect, test } from "vitest";
import { ensureDefaults } from "../../src/account/defaults.ts";
import { batchOf, firstIdAt, messageId } from "../../src/message/id.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { testDatabase } from "../support/database.ts";
import { newKey, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const DAY_MS = 86_400_000;
const database = await testDatabase();
afterAll(database.close);
const { pool } = database;
const keys = { organizationKey: newKey(), accountKey: newKey() };

test("identifiers that are older than messages.retention are unknown, younger ones are not", async () => {
  const now = Date.now();
  await ensurePartitions(pool, now - 9 * DAY_MS, now);
  // The account that they are of.
  await ensureDefaults(pool, keys, "/nowhere", now);
  const [old, young] = [8, 2].map((days) => messageId(firstIdAt(now - days * DAY_MS), 1)) as [string, string];
  for (const id of [old, young]) {
    await pool.query(
      `INSERT INTO message (id, expires_at, destination, account_id, leased_by, state, code, parts, callback, endpoint)
       SELECT $1, now(), 447700900123, id, 0, 2, 0, 1, 'http://127.0.0.1:1/', 1 FROM account`,
      [id],
    );
    await pool.query(
      `INSERT INTO webhook (id, account_id, leased_by, endpoint, url, state)
       SELECT $1, id, 0, 1, 'http://127.0.0.1:1/', 1 FROM account`,
      [id],
    );
  }
  const program = await startProgram({ config: { ...keys, messages: { retention: 5 * 86_400 } }, database });
  await until(
    "the old day to go",
    async () => (await program.api.request("GET", `/batch/${batchOf(old)}`)).status === 404,
  );
  const statuses = [
    (await program.api.request("GET", `/batch/${batchOf(old)}`)).status,
    (await program.api.request("GET", `/webhooks/${old}`)).status,
    (await program.api.request("POST", `/webhooks/${old}/replay`)).status,
    (await program.api.request("GET", `/batch/${batchOf(young)}`)).status,
    (await program.api.request("GET", `/webhooks/${young}`)).status,
  ];
  expect(statuses).toEqual([404, 404, 404, 200, 200]);
  const [sent] = await program.api.send({
    messages: [{ from: { type: "custom", value: "MyShop" }, to: "447700900123", body: "x" }],
  });
  await until("a receipt", async () => (await program.api.status(sent!.batchUuid)).counts.delivered === 1);
  await program.stop();
});
