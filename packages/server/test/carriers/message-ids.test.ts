import { describe, expect, test } from "vitest";
import { SUBMITTED } from "../../src/message/lifecycle.ts";
import { receipt, type Submit } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, type Line } from "./rig.ts";

/** Every octet that a C-octet string can have, in pieces short enough to be an id of the standard's length. */
const OCTETS = Array.from({ length: 4 }, (_, piece) =>
  String.fromCharCode(...Array.from({ length: 64 }, (_, index) => piece * 64 + index).filter((octet) => octet !== 0)),
);

async function recorded(made: Line, id: string): Promise<string | null> {
  const found = await until("the submit to be recorded", async () => {
    const row = await made.row(id);
    return row.state === SUBMITTED && row;
  });
  return found.carrier_message_id;
}

/** Errors and worse; a warning is in order. */
function errorsOf(made: Line): unknown[] {
  return made.logged.filter(({ level }) => level >= 50);
}

test.each([1, 2, 254])(
  "a receipt in message_payload is read, also where short_message is filled with NULs",
  async (nuls) => {
    const made = await boundLine();
    made.smsc.onSubmit = (submit) => submit.take("4711");
    const [id] = await made.send({});
    await recorded(made, id as string);
    const { link, pdu } = (await made.smsc.submit(1)) as Submit;
    const { short_message, ...fields } = receipt(pdu.destination_addr ?? "", "4711");
    link.write({
      command: "deliver_sm",
      sequence_number: 9,
      ...fields,
      short_message: Buffer.alloc(nuls),
      tlvs: { message_payload: short_message as Buffer },
    });
    expect(await made.finalOf(id as string)).toBe("delivered 00");
  },
);

describe("an id in a submit's answer", () => {
  test.each([
    ["of 64 characters", "x".repeat(64)],
    ["of 255 characters", "y".repeat(255)],
    ["with white space around it", "  7-of-its-own\t"],
    ...OCTETS.map((octets, piece): [string, string] => [`with the octets from ${piece * 64} on`, octets]),
  ])("%s is kept, and its receipt's TLV is matched", async (_, message_id) => {
    const made = await boundLine();
    made.smsc.onSubmit = (submit) => submit.take(message_id);
    const [id] = await made.send({});
    expect(await recorded(made, id as string)).toBe(message_id.trim());
    const { link, pdu } = (await made.smsc.submit(1)) as Submit;
    const tlvs = { receipted_message_id: message_id, message_state: 2 };
    link.write({ command: "deliver_sm", sequence_number: 9, source_addr: pdu.destination_addr, esm_class: 4, tlvs });
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    expect(errorsOf(made)).toEqual([]);
  });

  test.each([256, 2_000, 3_000, 60_000])(
    "of %i characters is none: the message is the carrier's all the same, and its neighbours have theirs",
    async (length) => {
      const made = await boundLine();
      made.smsc.onSubmit = (submit) =>
        submit.take(submit.count === 2 ? "z".repeat(length) : `n${submit.count}-${length}`);
      const ids = await made.send({}, {}, {});
      expect(await Promise.all(ids.map((id) => recorded(made, id)))).toEqual([`n1-${length}`, null, `n3-${length}`]);
      expect(made.smsc.submits).toHaveLength(3);
      expect(errorsOf(made)).toEqual([]);
    },
  );

  test("of a part that no index takes leaves the other parts theirs", async () => {
    const made = await boundLine();
    made.smsc.onSubmit = (submit) => submit.take(submit.part === 1 ? "w".repeat(5_000) : "");
    const [id] = await made.send({ body: "x".repeat(200) });
    await recorded(made, id as string);
    expect(made.smsc.submits).toHaveLength(2);
    expect(errorsOf(made)).toEqual([]);
  });
});

describe("a receipt whose id is spelled otherwise is matched by the handset's number", () => {
  /** A message that is submitted under an id in hexadecimal, and how to send its receipt, where the id is decimal. */
  async function submitted() {
    const made = await boundLine();
    made.smsc.onSubmit = (submit) => submit.take("5f00a001");
    const [id] = await made.send({});
    await recorded(made, id as string);
    const { link, pdu } = (await made.smsc.submit(1)) as Submit;
    const handset = pdu.destination_addr ?? "";
    const report = (source_addr: string, destination_addr: string) =>
      link.write({ command: "deliver_sm", ...receipt(handset, "1593876481"), source_addr, destination_addr });
    return { made, id: id as string, link, handset, report };
  }

  test.each<[string, (handset: string) => [source: string, destination: string]]>([
    ["as the source", (handset) => [handset, "MyShop"]],
    ["as the destination, where the addresses are as the message had them", (handset) => ["MyShop", handset]],
    ["with a plus", (handset) => [`+${handset}`, "MyShop"]],
    ["with zeros", (handset) => [`00${handset}`, "MyShop"]],
    ["in national form", (handset) => [`0${handset.slice(2)}`, "MyShop"]],
    ["in national form without its zero", (handset) => [handset.slice(2), "MyShop"]],
    ["as the destination, where the source is empty", (handset) => ["", handset]],
    ["as the destination, where the source is a number as well", (handset) => ["447700900888", handset]],
  ])("%s", async (_where, addresses) => {
    const { made, id, handset, report } = await submitted();
    report(...addresses(handset));
    expect(await made.finalOf(id)).toBe("delivered 00");
  });

  test("and by nobody else's", async () => {
    const { made, id, link, handset, report } = await submitted();
    report("447700900888", "MyShop");
    report(handset.slice(-6), "MyShop");
    report("MyShop", "Another");
    await until("the answers", () => link.count("deliver_sm_resp") === 3);
    expect((await made.row(id)).state).toBe(SUBMITTED);
  });
});

describe("a receipt", () => {
  const ODD: Record<string, Parameters<typeof receipt> | object> = {
    "with NULs in its id": { short_message: Buffer.from("id:\0odd\0-1\0 stat:DELIVRD err:000") },
    "that is nothing but NULs": { short_message: Buffer.alloc(100) },
    "that is empty": {},
    "without an id": { short_message: Buffer.from("stat:DELIVRD err:000") },
    "with an id of 3,000 characters": {
      tlvs: { message_payload: Buffer.from(`id:${"x".repeat(3_000)} stat:DELIVRD`) },
    },
    "with a TLV of 3,000 characters": { tlvs: { receipted_message_id: "x".repeat(3_000), message_state: 2 } },
    "with a TLV of octets": {
      tlvs: { raw: [{ tag: 0x001e, value: Buffer.from([0xff, 0, 1, 0x80]) }], message_state: 2 },
    },
    "for a handset that is none": { source_addr: "Acme\u00e9", short_message: Buffer.from("id:odd-2 stat:DELIVRD") },
    "for a number beyond any": { source_addr: "9".repeat(20), short_message: Buffer.from("id:odd-3 stat:DELIVRD") },
    "with every octet": { short_message: Buffer.from(Array.from({ length: 254 }, (_, octet) => octet)) },
    "with an error beyond any": { short_message: Buffer.from(`id:odd-4 stat:UNDELIV err:${"9".repeat(200)}`) },
  };

  test.each(Object.entries(ODD))("%s is taken, and its neighbours are matched", async (_, fields) => {
    const made = await boundLine();
    made.smsc.onSubmit = (submit) => submit.take();
    const [id] = await made.send({});
    const { link, pdu } = await made.smsc.submit(1);
    const own = (await recorded(made, id as string)) as string;
    link.write(
      { command: "deliver_sm", sequence_number: 1, esm_class: 4, ...fields },
      { command: "deliver_sm", sequence_number: 2, ...receipt(pdu.destination_addr, own) },
    );
    expect(await made.finalOf(id as string)).toBe("delivered 00");
    await until("the answers", () => link.count("deliver_sm_resp") === 2);
    const answers = link.received.filter((answer) => answer.command === "deliver_sm_resp");
    expect(answers.map(({ command_status }) => command_status)).toEqual([0, 0]);
    expect(errorsOf(made)).toEqual([]);
  });
});

test.each(["Café", "Ångström", "a@b_c$"])("the sender %s goes out as it is, in Latin-1", async (sender) => {
  const made = await boundLine();
  const [id] = await made.send({ sender });
  expect(await made.finalOf(id as string)).toBe("delivered 00");
  expect(made.smsc.submits.map(({ pdu }) => pdu.source_addr)).toEqual([sender]);
});

test.each([
  ["latin1", "ΓΔ Euro€", "\x13\x10 Euro\x1be"],
  ["gsm", "ΓΔ Euro€", "\x13\x10 Euro\x1be"],
  ["gsm", "Ångström_", "\x0engstr\x7cm\x11"],
  ["gsm", "a@Å", "a@Å"],
] as const)("to a carrier that reads %s the sender %s goes out", async (senderEncoding, sender, written) => {
  const made = await boundLine({ carrier: { senderEncoding } });
  const [id] = await made.send({ sender });
  expect(await made.finalOf(id as string)).toBe("delivered 00");
  expect(made.smsc.submits.map(({ pdu }) => pdu.source_addr)).toEqual([written]);
});

test("a sender that cannot be written fails its message with 56, and nobody else's", async () => {
  const made = await boundLine();
  const [bad, good] = await made.send({ sender: "@Δelta" }, {});
  expect(await made.finalOf(bad as string)).toBe("failed 56");
  expect(await made.finalOf(good as string)).toBe("delivered 00");
  expect(made.smsc.submits).toHaveLength(1);
});
