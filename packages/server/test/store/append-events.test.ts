import { afterAll, expect, test } from "vitest";
import { appendEvents } from "../../src/store/messages/append-events.ts";
import { insertMessages } from "../../src/store/messages/insert-messages.ts";
import { Partitions } from "../../src/store/upkeep/partition-names.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";

const database = await testDatabase();
afterAll(database.close);
const { pool } = database;
const partitions = new Partitions();

const lengthOf = async (id: string): Promise<number | null> =>
  (await pool.query("SELECT octet_length(events) AS length FROM message WHERE id = $1", [id])).rows[0].length;

test("a story that a carrier fills without end stops growing, and an erased message has none", async () => {
  const [told, erased] = [newMessage(), newMessage()];
  await insertMessages(pool, [told, erased]);
  await pool.query("UPDATE message SET destination = 0 WHERE id = $1", [erased.id]);
  const line = "x".repeat(1_000);
  for (let round = 0; round < 80; round++) {
    await appendEvents(pool, partitions, [
      { id: told.id, events: line },
      { id: erased.id, events: line },
      { id: told.id, events: line },
    ]);
  }
  expect(await lengthOf(told.id)).toBeGreaterThanOrEqual(64 * 1024);
  expect(await lengthOf(told.id)).toBeLessThan(68 * 1024);
  expect(await lengthOf(erased.id)).toBeNull();
});
