import { afterAll, expect, test } from "vitest";
import { ensureDefaults } from "../../src/account/defaults.ts";
import { messageId, newBatchId } from "../../src/message/id.ts";
import { insertBundle, insertPlainBundle } from "../../src/store/messages/bundles.ts";
import { insertBatches } from "../../src/store/messages/insert-batches.ts";
import { testDatabase } from "../support/database.ts";
import { newMessage } from "../support/new-message.ts";
import { startProgram } from "../support/program.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const database = await testDatabase();
const { pool } = database;
const smsc = await scriptedSmsc();
const config = { carriers: [smsc.carrier()], organizationKey: "a".repeat(32), accountKey: "b".repeat(32) };
afterAll(async () => {
  await smsc.close();
  await database.close();
});

/** A node that is no more. */
const DEAD = 999_999;
const OF_ANOTHER_VERSION = '{"shared":{"account":1},"messages":[{"to":"447700900461"}]}';

let clock = Date.now();
const idFrom = (batch: string) => messageId(batch, 1);

/** A bundle of one message, left in a dead node's memory. @param content in place of its own */
async function leftBehind(destination: string, content?: string): Promise<string> {
  const id = idFrom(newBatchId(clock++));
  await insertPlainBundle(pool, { node: DEAD, accountId: 0, messages: [newMessage({ id, destination })] }, [1]);
  if (content !== undefined) await pool.query("UPDATE message_bundle SET messages = $2 WHERE id = $1", [id, content]);
  return id;
}

/** A batch of one message, as a bundle that waits to be claimed. @param content in place of its own */
async function waiting(destination: string, content?: string): Promise<string> {
  const id = newBatchId(clock++);
  const shared = { sender: "MyShop", body: "x", callback: null, endpoint: null, givenId: null };
  await insertBatches(pool, [{ id, accountId: 1, total: 1, parts: 1, ...shared }]);
  const message = newMessage({ id: idFrom(id), destination, batchId: id, sender: null, body: null });
  await insertBundle(pool, { node: 0, accountId: 1, messages: [message] }, shared);
  if (content !== undefined)
    await pool.query("UPDATE message_bundle SET messages = $2 WHERE id = $1", [message.id, content]);
  return message.id;
}

test("a bundle that cannot be read keeps back no other, is told once, and is taken up by a program that can", async () => {
  // The account that they are of.
  await ensureDefaults(pool, config, "/nowhere", clock);
  // The oldest of each kind cannot be read.
  const damaged = await leftBehind("447700900460", '{"shared":{"accountId":1},"messages":[{"id"');
  const foreign = await leftBehind("447700900461", OF_ANOTHER_VERSION);
  await leftBehind("447700900462");
  const damagedBatch = await waiting("447700900463", "?");
  const foreignBatch = await waiting("447700900464", OF_ANOTHER_VERSION);
  await waiting("447700900465");
  const unreadable = [damaged, foreign, damagedBatch, foreignBatch];

  const program = await startProgram({ database, config });
  const { api } = program;
  await smsc.waitFor("447700900462");
  await smsc.waitFor("447700900465");
  const text = "accepted messages cannot be read, and are set aside";
  const told = () =>
    program
      .output()
      .stderr.split("\n")
      .filter((line) => line.includes(text));
  await until("all to be told", () => told().length >= unreadable.length);
  expect(
    told()
      .map((line) => JSON.parse(line).bundle)
      .sort(),
  ).toEqual([...unreadable].sort());
  const metrics = await api.request("GET", "/metrics", { key: null });
  expect(metrics.text).toMatch(/^mplus_messages_unreadable\{[^}]*\} 4$/m);
  const batch = `${damagedBatch.slice(0, -5)}00000`;
  expect((await api.request("GET", `/batch/${batch}?details=true`)).body).toMatchObject({ counts: { total: 1 } });
  const erased = await api.request("DELETE", "/handset/447700900469", { key: program.organizationKey });
  expect(erased.status).toBe(200);
  await api.send({ messages: [{ from: { type: "custom", value: "MyShop" }, to: "447700900466", body: "x" }] });
  await smsc.waitFor("447700900466");
  await program.stop();
  const { rows } = await pool.query<{ id: string }>("SELECT id FROM message_bundle ORDER BY id");
  expect(rows.map(({ id }) => id)).toEqual([...unreadable].sort());

  const { messages } = (
    await pool.query<{ messages: string }>(
      `SELECT jsonb_set('{"shared":{}}', '{messages}', jsonb_build_array(jsonb_build_object('id', id, 'accountId', 1,
         'destination', '447700900461', 'parts', 1, 'expiresAt', $2::float8, 'sender', 'MyShop', 'body', 'x')))::text AS messages
       FROM message_bundle WHERE id = $1`,
      [foreign, Date.now() + 3_600_000],
    )
  ).rows[0]!;
  await pool.query("UPDATE message_bundle SET messages = $2 WHERE id = $1", [foreign, messages]);
  const newer = await startProgram({ database, config });
  await smsc.waitFor("447700900461");
  await newer.stop();
});
