import { afterAll, expect, test } from "vitest";
import { DELIVERED, SUBMITTED } from "../../src/message/lifecycle.ts";
import { originText } from "../../src/message/smpp-origin.ts";
import type { Receipt } from "../../src/receipt/receipt.ts";
import { Partitions } from "../../src/store/upkeep/partition-names.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { testDatabase } from "../support/database.ts";
import { accepted, CARRIER, progressOf, receiptOf, recordOutcome } from "../support/progress.ts";

const { pool, close } = await testDatabase();
afterAll(close);
await pool.query("INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'one')");
await pool.query("INSERT INTO account (identifier, organization_id, name) VALUES (gen_random_uuid(), 1, 'a')");
await ensurePartitions(pool, Date.now(), Date.now());
const partitions = new Partitions();
await partitions.refresh(pool);

const source = { ton: 5, npi: 0, address: "MyShop" };
const common = { systemId: "acme", source, destination: null, reference: null, id: null, state: null };
const asked = { esmClass: 0, protocolId: 0, dataCoding: 0, octets: null, sar: null, intermediate: true } as const;

function enroute(carrierMessageId: string): Receipt {
  const receipt = receiptOf(carrierMessageId, DELIVERED, "00");
  return { ...receipt, state: null, said: { ...receipt.said, state: "enroute" } };
}

test.each([
  ["the end", false],
  ["the submit's answer and the end", true],
])("a state on the way is told, though %s came with it, and not after the end", async (_with, atOnce) => {
  const callback = originText({ ...common, registered: 0x11 });
  const id = await accepted(pool, { callback, coded: asked, endpoint: 1, leasedBy: 1 });
  const { progress, finals } = progressOf(pool, 1, undefined, partitions);
  const outcome = { id, state: SUBMITTED, code: null, carrier: CARRIER, carrierMessageIds: [id] } as const;
  const submitted = recordOutcome(progress, outcome);
  if (!atOnce) await submitted;
  await Promise.all([receiptOf(id, DELIVERED, "00"), enroute(id)].map((each) => progress.recordReceipt(each)));
  await progress.recordReceipt(enroute(id));
  const { rows } = await pool.query<{ url: string; body: string }>(
    "SELECT url, body FROM webhook WHERE kind = 'n' AND body = $1",
    [id],
  );
  expect({ rows, finals: finals.map((final) => final.id) }).toEqual({
    rows: [{ url: originText({ ...common, registered: 0x11, state: 1 }), body: id }],
    finals: [id],
  });
});

test("nobody is told of a state on the way who asked for the end alone", async () => {
  const callback = originText({ ...common, registered: 0x01 });
  const id = await accepted(pool, { callback, endpoint: 1, leasedBy: 1 });
  const { progress } = progressOf(pool, 1, undefined, partitions);
  await recordOutcome(progress, { id, state: SUBMITTED, code: null, carrier: CARRIER, carrierMessageIds: ["c2"] });
  await progress.recordReceipt(enroute("c2"));
  expect((await pool.query("SELECT FROM webhook WHERE kind = 'n' AND body = $1", [id])).rowCount).toBe(0);
});
