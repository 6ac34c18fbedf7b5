import { encodePdu } from "@messaging-plus/smpp";
import { describe, expect, test } from "vitest";
import { SUBMITTED } from "../../src/message/lifecycle.ts";
import { receipt } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine } from "./rig.ts";

const SOON = { backoff: { failedMs: [20] } };

/** A frame of these octets behind a header that is true, or says another length. */
function frame(command_id: number, sequence_number: number, body: Buffer, length = 16 + body.length): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32BE(length, 0);
  header.writeUInt32BE(command_id, 4);
  header.writeUInt32BE(sequence_number, 12);
  return Buffer.concat([header, body]);
}

const SUBMIT_SM_RESP = 0x80000004;
const DELIVER_SM = 0x05;

/** What a carrier may answer that is no answer, and whether the link survives it. */
const ANSWERS: [what: string, survives: boolean, octets: (sequence_number: number) => Buffer][] = [
  ["of a length below its header's", false, (at) => frame(SUBMIT_SM_RESP, at, Buffer.from("abc\0"), 15)],
  ["of a length beyond any", false, (at) => frame(SUBMIT_SM_RESP, at, Buffer.from("abc\0"), 2 ** 31)],
  ["in HTTP", false, () => Buffer.from("HTTP/1.1 200 OK\r\n\r\n")],
  ["in nothing but NULs", false, () => Buffer.alloc(1_000)],
  ["in nothing but 0xFF", false, () => Buffer.alloc(1_000, 0xff)],
];

test.each([
  ["without an id", "", null],
  ["with an id that does not end", "abc", "abc"],
])("an answer of status 0 %s is a yes: the message is submitted once, and waits", async (_what, body, carrierId) => {
  const made = await boundLine({ waits: SOON });
  made.smsc.onSubmit = (submit) =>
    submit.link.octets(frame(SUBMIT_SM_RESP, submit.pdu.sequence_number, Buffer.from(body)));
  const [id] = await made.send({});
  await until("the submit to be recorded", async () => (await made.row(id as string)).state === SUBMITTED);
  expect((await made.row(id as string)).carrier_message_id).toBe(carrierId);
  expect(made.smsc.submits).toHaveLength(1);
  expect(made.uncertain()).toBe(0);
});

describe("an answer", () => {
  test.each(ANSWERS)("%s leaves the message uncertain, and it is sent again", async (_, survives, octets) => {
    const made = await boundLine({ waits: SOON });
    const { onSubmit } = made.smsc;
    made.smsc.onSubmit = (submit) => {
      if (submit.count > 1) onSubmit(submit);
      else submit.link.octets(octets(submit.pdu.sequence_number));
    };
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(made.smsc.submits).toHaveLength(2);
    expect(made.uncertain()).toBe(1);
    expect(made.smsc.links).toHaveLength(survives ? 1 : 2);
  });

  test.each(ANSWERS)("%s fails the message with 7A where that is asked for", async (_, __, octets) => {
    const made = await boundLine({ waits: SOON, onUncertain: "fail" });
    made.smsc.onSubmit = (submit) => submit.link.octets(octets(submit.pdu.sequence_number));
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("failed 7A");
    expect(made.smsc.submits).toHaveLength(1);
  });
});

/** What a carrier may send besides. */
const BESIDES: [what: string, octets: Buffer, answer: string, command_status: number][] = [
  ["an unknown command", frame(0x112, 7, Buffer.from("what")), "generic_nack", 0x03],
  ["an unknown answer", frame(0x80000112, 7, Buffer.from("what")), "none", 0],
  ["a deliver_sm without a body", frame(DELIVER_SM, 7, Buffer.alloc(0)), "deliver_sm_resp", 0x02],
  ["a deliver_sm with an sm_length beyond it", brokenReceipt(), "deliver_sm_resp", 0x01],
  ["half a TLV", frame(DELIVER_SM, 7, Buffer.from([...Buffer.alloc(17), 0x04, 0x27, 0])), "deliver_sm_resp", 0x66],
  ["a submit_sm", encodePdu({ command: "submit_sm", sequence_number: 7 }), "submit_sm_resp", 0x03],
  ["a bind", encodePdu({ command: "bind_receiver", sequence_number: 7 }), "bind_receiver_resp", 0x03],
  ["an outbind", encodePdu({ command: "outbind", sequence_number: 7 }), "none", 0],
  ["an alert", encodePdu({ command: "alert_notification", sequence_number: 7 }), "none", 0],
];

function brokenReceipt(): Buffer {
  const octets = encodePdu({ command: "deliver_sm", sequence_number: 7, ...receipt("447700900123", "1") }).subarray(
    0,
    -1,
  );
  octets.writeUInt32BE(octets.length, 0);
  return octets;
}

describe("beside its answers", () => {
  test.each(BESIDES)("%s costs nothing else", async (_, octets, answer, command_status) => {
    const made = await boundLine();
    made.smsc.onSubmit = (submit) => {
      const id = made.smsc.newId();
      submit.link.octets(octets);
      submit.take(id);
      submit.link.octets(octets);
      submit.receipt(id);
      submit.link.octets(octets);
    };
    const [id] = await made.send({});
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    const [link] = made.smsc.links;
    link?.write({ command: "enquire_link", sequence_number: 8 });
    await until("the link to be used still", () => link?.received.some((pdu) => pdu.command === "enquire_link_resp"));
    const answers = link?.received.filter((pdu) => pdu.sequence_number === 7) ?? [];
    expect(answers.map((pdu) => [pdu.command, pdu.command_status])).toEqual(
      answer === "none" ? [] : Array(3).fill([answer, command_status]),
    );
    expect(made.smsc.links).toHaveLength(1);
    expect(made.smsc.submits).toHaveLength(1);
    expect(made.receipts).toHaveLength(1);
  });
});
