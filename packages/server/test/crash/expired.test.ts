import { afterAll, expect, test } from "vitest";
import { ACCEPTED, FAILED } from "../../src/message/lifecycle.ts";
import { releaseMessages } from "../../src/store/messages/claim-messages.ts";
import { recordIntents } from "../../src/store/messages/record-intents.ts";
import { Partitions } from "../../src/store/upkeep/partition-names.ts";
import { testDatabase } from "../support/database.ts";
import { accepted, progressOf, stateOf } from "../support/progress.ts";

const NODE = 7;
const TIME_TO_LIVE = 0x51;
const OUTCOME_UNKNOWN = 0x7a;

const { pool, close } = await testDatabase();
afterAll(close);

test("what nobody has in memory is failed when its validity is over, and nothing else", async () => {
  const { ends, finals } = progressOf(pool, 1);
  const past = Date.now() - 1_000;
  const waiting = await accepted(pool, { expiresAt: past, callback: "http://127.0.0.1/", endpoint: 5 });
  const buffered = await accepted(pool, { expiresAt: past, leasedBy: NODE });
  const valid = await accepted(pool, {});
  const begun = await accepted(pool, { expiresAt: past, leasedBy: NODE });
  await recordIntents(pool, new Partitions(), [{ id: begun, carrier: 3 }], NODE);
  await releaseMessages(pool, [begun], NODE, 0);
  expect(await ends.expire(10)).toBe(2);
  expect(await ends.expire(10)).toBe(0);
  expect(await stateOf(pool, waiting)).toEqual({ state: FAILED, code: TIME_TO_LIVE });
  expect(await stateOf(pool, begun)).toEqual({ state: FAILED, code: OUTCOME_UNKNOWN });
  for (const id of [buffered, valid]) expect((await stateOf(pool, id)).state).toBe(ACCEPTED);
  expect(finals.map(({ id }) => id).sort()).toEqual([waiting, begun].sort());
  const { rows } = await pool.query("SELECT id FROM bundled_webhook");
  expect(rows).toEqual([{ id: waiting }]);
});

test("a step fails what has been over for longest, and no more than it is told", async () => {
  const { ends } = progressOf(pool, 1);
  const ids: string[] = [];
  for (let age = 1; age <= 5; age++) ids.push(await accepted(pool, { expiresAt: Date.now() - age * 1_000 }));
  expect(await ends.expire(3)).toBe(3);
  const states = await Promise.all(ids.map(async (id) => (await stateOf(pool, id)).state));
  expect(states).toEqual([ACCEPTED, ACCEPTED, FAILED, FAILED, FAILED]);
});
