import { afterAll, beforeEach, expect, test } from "vitest";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { insertMessages } from "../../src/store/messages/insert-messages.ts";
import { enterNode, freeOrphans } from "../../src/store/nodes.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";

const { pool, close } = await testDatabase();
afterAll(close);
await pool.query("INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'one')");
await pool.query("INSERT INTO account (identifier, organization_id, name) VALUES (gen_random_uuid(), 1, 'a')");
beforeEach(async () => {
  await pool.query("TRUNCATE message, webhook, node");
});

const URL = "http://127.0.0.1:9/hook";
const ids = [messageId(newBatchId(Date.now()), 1), messageId(newBatchId(Date.now()), 2)] as const;
const INSERT = {
  message: async (node: number) =>
    void (await insertMessages(
      pool,
      ids.map((id) => newMessage({ id, leasedBy: node })),
    )),
  webhook: async (node: number) =>
    void (await pool.query(
      `INSERT INTO webhook (account_id, id, url, endpoint, next_at, leased_by)
       SELECT 1, id, $3, 7, now(), $2 FROM unnest($1::uuid[]) AS t (id)`,
      [ids, node, URL],
    )),
};

test.each(["message", "webhook"] as const)(
  "a %s of a dead node that a flush is writing is not waited for: the flush may come to the others next",
  async (table) => {
    const dead = await enterNode(pool, "elsewhere", 1);
    await INSERT[table](dead);
    await pool.query("DELETE FROM node");
    const freed = async () => (await freeOrphans(pool))[`${table}s`];
    const flush = await pool.connect();
    try {
      await flush.query("BEGIN");
      await flush.query(`UPDATE ${table} SET leased_by = leased_by WHERE id = $1`, [ids[1]]);
      expect(await freed()).toBe(1);
      await flush.query(`UPDATE ${table} SET leased_by = leased_by WHERE id = $1`, [ids[0]]);
      await flush.query("COMMIT");
    } finally {
      flush.release();
    }
    expect({ after: await freed(), last: await freed() }).toEqual({ after: 1, last: 0 });
  },
);
