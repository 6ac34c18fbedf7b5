import { type Fields, SmppClient } from "@messaging-plus/smpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { partOf } from "../../src/carriers/simulator/reply.ts";
import { SimulatedSmsc } from "../../src/carriers/simulator/smsc.ts";
import { until } from "../flow/until.ts";

const DELIVERED = "447700900123";
const FAILED = "447700900534";
const delivered: { to: string; esm_class: number }[] = [];
const smsc = new SimulatedSmsc({ receiptDelayMs: 10 });
let client: SmppClient;

beforeAll(async () => {
  const onDeliver = async (pdu: { command: string; source_addr: string; esm_class: number }) => {
    delivered.push({ to: pdu.source_addr, esm_class: pdu.esm_class });
    return 0;
  };
  const port = await smsc.listen(0);
  client = new SmppClient({ host: "127.0.0.1", port, system_id: "one", password: "", onDeliver });
  const bound = new Promise((resolve) => client.once("bound", resolve));
  client.start();
  await bound;
});
afterAll(async () => {
  await client.close({ timeoutMs: 1_000 });
  await smsc.close(1_000);
});

const submit = (fields: Fields<"submit_sm">) =>
  client.submit({ source_addr: "Shop", destination_addr: DELIVERED, short_message: Buffer.from("x"), ...fields });

const payload = { message_payload: Buffer.from("y") };

test.each<[string, Fields<"submit_sm">, number]>([
  ["nothing out of order", {}, 0],
  ["a TON of the source that is not named", { source_addr_ton: 7 }, 0x48],
  ["an NPI of the source that is not named", { source_addr_npi: 2 }, 0x49],
  ["a TON that is not named", { dest_addr_ton: 7 }, 0x50],
  ["the last TON", { dest_addr_ton: 6 }, 0],
  ["an NPI that is not named", { dest_addr_npi: 2 }, 0x51],
  ["an NPI that is named", { dest_addr_npi: 18 }, 0],
  ["no destination", { destination_addr: "" }, 0x0b],
  ["a destination with letters", { destination_addr: "44770090012x" }, 0x0b],
  ["a destination with a plus", { destination_addr: `+${DELIVERED}` }, 0],
  ["a priority beyond 3", { priority_flag: 4 }, 0x06],
  ["the highest priority", { priority_flag: 3 }, 0],
  ["a schedule that is no time", { schedule_delivery_time: "bad" }, 0x61],
  ["a schedule", { schedule_delivery_time: "000000000100000R" }, 0],
  ["a validity that is no time", { validity_period: "garbage" }, 0x62],
  ["a validity that is over", { validity_period: "200101000000000+" }, 0x62],
  ["a validity of no time", { validity_period: "000000000000000R" }, 0x62],
  ["a validity to come", { validity_period: "991231235959000+" }, 0],
  ["both receipt bits", { registered_delivery: 3 }, 0x07],
  ["both text fields", { tlvs: payload }, 0xc1],
  ["the payload alone", { short_message: Buffer.alloc(0), tlvs: payload }, 0],
])("%s", async (_, fields, command_status) => {
  expect((await submit(fields)).command_status).toBe(command_status);
});

describe("registered_delivery", () => {
  test.each<[number, string, number[]]>([
    [0, FAILED, []],
    [1, DELIVERED, [0x04]],
    [1, FAILED, [0x04]],
    [2, DELIVERED, []],
    [2, FAILED, [0x04]],
    [2, "447700900902", []],
    [0x10, DELIVERED, [0x20]],
    [0x11, DELIVERED, [0x20, 0x04]],
    [0x12, FAILED, [0x20, 0x04]],
    [0, "447700900907", []],
  ])("%i to %s", async (registered_delivery, destination_addr, expected) => {
    delivered.length = 0;
    await submit({ destination_addr, registered_delivery });
    // A number whose second receipt comes twice as late as any receipt of the first.
    await submit({ destination_addr: "447700900904", registered_delivery: 1 });
    await until("the later ones", () => delivered.filter(({ to }) => to === "447700900904").length === 2);
    expect(delivered.filter(({ to }) => to === destination_addr).map(({ esm_class }) => esm_class)).toEqual(expected);
  });
});

test("what is asked about a message fails, and what is not spoken is unknown", async () => {
  const about = { message_id: "1", source_addr: "Shop" };
  expect((await client.request("query_sm", about)).command_status).toBe(0x67);
  expect((await client.request("cancel_sm", about)).command_status).toBe(0x11);
  expect((await client.request("replace_sm", about)).command_status).toBe(0x13);
  expect((await client.request("submit_multi", {})).command_status).toBe(0x03);
});

test("a part is told by its TLVs as by its header", () => {
  const short_message = Buffer.from("x");
  const tlvs = { sar_msg_ref_num: 7, sar_total_segments: 3, sar_segment_seqnum: 2 };
  expect(partOf({ esm_class: 0, short_message, tlvs })).toMatchObject({ reference: 7, total: 3, sequence: 2 });
  expect(partOf({ esm_class: 0, short_message, tlvs: { ...tlvs, sar_segment_seqnum: 4 } })).toBeUndefined();
  expect(partOf({ esm_class: 0, short_message, tlvs: {} })).toBeUndefined();
});
