import type { Fields } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { type Submitted, scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

/** An SMSC that does as OsmoMSC 1.9.0: one id for all messages, and a reference's low octet in receipts. */
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const carrier = smsc.carrier({ messageIds: "reference" });
const program = await startProgram({ config: { carriers: [carrier] } });
afterAll(program.stop);
const { api } = program;

const NOT_AN_ID = { message_id: "msg_id_not_implemented", receipts: [] };
const from = { type: "custom", value: "447700900001" } as const;
let stored = 0;

/** Its receipt has the number of its own row as id, and no dates; it only ever says delivered. */
function receiptOf(submit: Submitted, fields: Fields<"deliver_sm"> = {}): Fields<"deliver_sm"> {
  const id = String(++stored).padStart(8, "0");
  const text = `id:${id} sub:000 dlvrd:000 submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DELIVRD err:000 text:`;
  return {
    service_type: "CMT",
    source_addr_ton: 3,
    source_addr_npi: 1,
    source_addr: submit.destination_addr,
    destination_addr: submit.source_addr,
    esm_class: 0x04,
    data_coding: 0x02,
    short_message: Buffer.from(text, "latin1"),
    tlvs: { user_message_reference: (submit.tlvs.user_message_reference ?? 0) & 0xff },
    ...fields,
  };
}

async function send(to: string, body = "x"): Promise<{ batch: string; submits: Submitted[] }> {
  smsc.script(to, NOT_AN_ID);
  const parts = body.length <= 160 ? 1 : Math.ceil(body.length / 153);
  const before = smsc.to(to).length;
  const [sent] = await api.send({ messages: [{ from, to, body }] });
  const submits = (await smsc.waitFor(to, before + parts)).slice(before);
  await until("the submits to be recorded", async () => {
    const { rows } = await program.database.pool.query("SELECT FROM message WHERE id > $1 AND state = 1", [
      sent!.batchUuid,
    ]);
    return rows.length > 0;
  });
  return { batch: sent!.batchUuid, submits };
}

async function delivered(...batches: string[]): Promise<number> {
  const all = await Promise.all(batches.map((batch) => api.status(batch)));
  return all.reduce((sum, { counts }) => sum + counts.delivered, 0);
}

test("receipts come to their messages by reference and number, though all have one id", async () => {
  const one = await send("447700900101");
  const other = await send("447700900102");
  expect(await smsc.deliver(receiptOf(other.submits[0]!))).toMatchObject({ command_status: 0 });
  await until("its delivery", async () => (await delivered(other.batch)) === 1);
  expect(await delivered(one.batch)).toBe(0);
  await smsc.deliver(receiptOf(one.submits[0]!));
  await until("the other's", async () => (await delivered(one.batch)) === 1);
});

test("a reference counts for its own handset alone, in whichever form its number is", async () => {
  const { batch, submits } = await send("447700900103");
  await smsc.deliver(receiptOf(submits[0]!, { source_addr: "447700900104" }));
  expect(await delivered(batch)).toBe(0);
  await smsc.deliver(receiptOf(submits[0]!, { source_addr: "07700900103" }));
  await until("its delivery", async () => (await delivered(batch)) === 1);
});

test("a receipt without a reference is nobody's, and one with addresses that are not turned round is taken", async () => {
  const { batch, submits } = await send("447700900105");
  const { source_addr, destination_addr } = submits[0]!;
  await smsc.deliver(receiptOf(submits[0]!, { tlvs: {} }));
  expect(await delivered(batch)).toBe(0);
  await smsc.deliver(receiptOf(submits[0]!, { source_addr, destination_addr }));
  await until("its delivery", async () => (await delivered(batch)) === 1);
});

test("each part of a long text has a reference of its own, and each receipt counts for one", async () => {
  const { batch, submits } = await send("447700900106", "x".repeat(320));
  expect(new Set(submits.map(({ tlvs }) => tlvs.user_message_reference)).size).toBe(submits.length);
  for (const submit of submits.slice(1)) await smsc.deliver(receiptOf(submit));
  expect(await delivered(batch)).toBe(0);
  await smsc.deliver(receiptOf(submits[0]!));
  await until("its delivery", async () => (await delivered(batch)) === 1);
});

test("references stay within an octet and none is 0; more messages than that to a handset end each with a receipt", async () => {
  const to = "447700900107";
  smsc.script(to, NOT_AN_ID);
  const sent = await api.send({ messages: Array.from({ length: 300 }, (_, body) => ({ from, to, body: `${body}` })) });
  const submits = await smsc.waitFor(to, 300);
  const references = submits.map(({ tlvs }) => tlvs.user_message_reference ?? 0);
  const { size: different } = new Set(references);
  expect({ least: Math.min(...references), most: Math.max(...references), different }).toEqual({
    least: 1,
    most: 255,
    different: 255,
  });
  for (const submit of submits) await smsc.deliver(receiptOf(submit));
  await until("all deliveries", async () => (await delivered(...sent.map(({ batchUuid }) => batchUuid))) === 300);
});

test("a receipt that comes before the submit's answer is kept for it", async () => {
  const to = "447700900108";
  smsc.script(to, (submit) => ({ ...NOT_AN_ID, when: smsc.deliver(receiptOf(submit)) }));
  const [sent] = await api.send({ messages: [{ from, to, body: "x" }] });
  await until("its delivery", async () => (await delivered(sent!.batchUuid)) === 1);
});
