import { type DataSm, type DeliverSm, type Fields, SmppClient } from "@messaging-plus/smpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { partOf } from "../../src/carriers/simulator/reply.ts";
import { SimulatedSmsc } from "../../src/carriers/simulator/smsc.ts";
import { until } from "../support/until.ts";

const DELIVERED = "447700900123";
const FAILED = "447700900534";
const REFERRED = "447700900199";
const delivered: { to: string; esm_class: number }[] = [];
const references: (number | undefined)[] = [];
const smsc = new SimulatedSmsc({ receiptDelayMs: 10 });
let client: SmppClient;

beforeAll(async () => {
  const onDeliver = async (pdu: DeliverSm | DataSm) => {
    if (pdu.source_addr === REFERRED) references.push(pdu.tlvs.user_message_reference);
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
  ["a reserved bit of it", { registered_delivery: 0x21 }, 0x07],
  ["acknowledgements of the handset beside a receipt", { registered_delivery: 0x1d }, 0],
  ["a service type of six characters", { service_type: "WAPWAP" }, 0x15],
  ["a service type", { service_type: "USSD" }, 0],
  ["a source of 21 characters", { source_addr: "4".repeat(21) }, 0x0a],
  ["letters in an international source", { source_addr: "Shop", source_addr_ton: 1 }, 0x0a],
  ["a name of twelve characters", { source_addr: "twelve chars", source_addr_ton: 5 }, 0x0a],
  ["no source", { source_addr: "", source_addr_ton: 1 }, 0],
  ["a destination of 21 digits", { destination_addr: "4".repeat(21) }, 0x0b],
  ["a message that says that it is a receipt", { esm_class: 0x04 }, 0x43],
  ["one that says that it is an intermediate notification", { esm_class: 0x20 }, 0x43],
  ["an acknowledgement of a handset, in store and forward mode", { esm_class: 0x0b }, 0],
  ["a user data header that is not there", { esm_class: 0x40 }, 0x43],
  ["a user data header", { esm_class: 0x40, short_message: Buffer.from([5, 0, 3, 7, 2, 1, 0x78]) }, 0],
  ["a flag to replace beyond 1", { replace_if_present_flag: 2 }, 0x54],
  ["a flag to replace", { replace_if_present_flag: 1 }, 0],
  ["a predefined message", { sm_default_msg_id: 1 }, 0x63],
  ["the longest short_message", { short_message: Buffer.alloc(254, "x") }, 0],
  ["a part's TLVs but one", { tlvs: { sar_msg_ref_num: 7, sar_total_segments: 2 } }, 0xc3],
  ["part 3 of 2", { tlvs: { sar_msg_ref_num: 7, sar_total_segments: 2, sar_segment_seqnum: 3 } }, 0xc4],
  ["part 2 of 2", { tlvs: { sar_msg_ref_num: 7, sar_total_segments: 2, sar_segment_seqnum: 2 } }, 0],
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

test("a receipt has the reference of its message", async () => {
  const referred = { destination_addr: REFERRED, registered_delivery: 1 };
  await submit({ ...referred, tlvs: { user_message_reference: 0x1234 } });
  await until("the receipt", () => references.length === 1);
  await submit(referred);
  await until("the other's", () => references.length === 2);
  expect(references).toEqual([0x1234, undefined]);
});

test("what is asked about a message fails, and what is not spoken is unknown", async () => {
  const about = { message_id: "1", source_addr: "Shop" };
  expect((await client.request("query_sm", about)).command_status).toBe(0x67);
  expect((await client.request("cancel_sm", about)).command_status).toBe(0x11);
  expect((await client.request("replace_sm", about)).command_status).toBe(0x13);
  expect((await client.request("submit_multi", {})).command_status).toBe(0x03);
  expect((await client.dataSm({ destination_addr: DELIVERED })).command_status).toBe(0x03);
});

test("a part is told by its TLVs as by its header", () => {
  const short_message = Buffer.from("x");
  const tlvs = { sar_msg_ref_num: 7, sar_total_segments: 3, sar_segment_seqnum: 2 };
  expect(partOf({ esm_class: 0, short_message, tlvs })).toMatchObject({ reference: 7, total: 3, sequence: 2 });
  expect(partOf({ esm_class: 0, short_message, tlvs: { ...tlvs, sar_segment_seqnum: 4 } })).toBeUndefined();
  expect(partOf({ esm_class: 0, short_message, tlvs: {} })).toBeUndefined();
});
