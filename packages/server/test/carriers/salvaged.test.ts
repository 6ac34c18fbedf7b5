import { encodePdu } from "@messaging-plus/smpp";
import { describe, expect, test } from "vitest";
import { SUBMITTED } from "../../src/message/lifecycle.ts";
import { receipt, type SmscLink } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, type Line } from "./rig.ts";

const ESME_ROK = 0;
const STATE = [0x04, 0x27, 0, 1, 2];
/** An operator's TLV that says more octets than are left. */
const CUT = [0x14, 0x01, 0, 0x20, 0x61, 0x62];
const BODY = 16;

/** A deliver_sm from a handset with these octets from sm_length on. */
function deliver(handset: string, ...octets: (number | Buffer)[]): Buffer {
  const { short_message: _, ...fields } = receipt(handset, "");
  const head = encodePdu({ command: "deliver_sm", sequence_number: 9, ...fields }).subarray(0, -1);
  const frame = Buffer.concat([head, ...octets.map((some) => (typeof some === "number" ? Buffer.from([some]) : some))]);
  frame.writeUInt32BE(frame.length, 0);
  return frame;
}

/** Two messages to different handsets, under ids of which one begins as the other does. */
async function submitted(): Promise<{ made: Line; link: SmscLink; ids: string[]; handset: string }> {
  const made = await boundLine();
  made.smsc.onSubmit = (submit) => submit.take(submit.count === 1 ? "71937" : "719");
  const ids = await made.send({}, {});
  await until("both to be recorded", async () => {
    const rows = await Promise.all(ids.map((id) => made.row(id)));
    return rows.every(({ state }) => state === SUBMITTED);
  });
  const { link, pdu } = await made.smsc.submit(1);
  return { made, link, ids, handset: pdu.destination_addr ?? "" };
}

const text = Buffer.from("id:71937 stat:DELIVRD err:000 text:Hi");
const TLV_ID = [0x00, 0x1e, 0, 6, ...Buffer.from("71937\0")];

describe("a receipt counts", () => {
  test.each<[string, (number | Buffer)[], number]>([
    ["whose last TLV is cut", [0, Buffer.from([...TLV_ID, ...STATE, ...CUT])], 1],
    ["with a NUL behind its text", [text.length, text, 0, Buffer.from(STATE)], 0],
    ["with a NUL behind its identifier", [0, Buffer.from([0, 0x1e, 0, 5, ...Buffer.from("71937\0"), ...STATE])], 1],
    ["whose text is one octet longer than sm_length says", [text.length - 1, text, Buffer.from(STATE)], 0],
    ["whose text is one octet shorter", [text.length + 1, text, Buffer.from(STATE)], 0],
    ["in message_payload beside NULs", [2, 0, 0, Buffer.from([4, 0x24, 0, text.length]), text], 0],
    [
      "in a message_payload whose length is one too low",
      [0, Buffer.from([4, 0x24, 0, text.length - 1]), text, Buffer.from(STATE)],
      0,
    ],
  ])("%s", async (_what, octets, dropped) => {
    const { made, link, ids, handset } = await submitted();
    link.octets(deliver(handset, ...octets));
    expect(await made.finalOf(ids[0]!)).toBe("delivered 00");
    expect(made.dropped()).toBe(dropped);
    expect((await made.row(ids[1]!)).state).toBe(SUBMITTED);
  });
});

describe("a receipt whose identifier is cut is answered, and nobody's", () => {
  test.each<[string, (number | Buffer)[]]>([
    ["in its text", [6, Buffer.from("id:719"), Buffer.from("37 stat:DELIVRD"), Buffer.from([])]],
    ["in its TLV", [0, Buffer.from([0, 0x1e, 0, 3, ...Buffer.from("71937"), ...CUT])]],
    [
      "in its payload",
      [0, Buffer.from([4, 0x24, 0, 21]), Buffer.from("stat:DELIVRD x id:719"), Buffer.from("37 err:000")],
    ],
  ])("%s", async (_where, octets) => {
    const { made, link, ids, handset } = await submitted();
    link.octets(deliver(handset, ...octets));
    await until("the answer", () => link.count("deliver_sm_resp") === 1);
    const [answer] = link.received.filter(({ command }) => command === "deliver_sm_resp");
    expect(answer?.command_status).toBe(ESME_ROK);
    expect(made.dropped()).toBe(1);
    for (const id of ids) expect((await made.row(id)).state).toBe(SUBMITTED);
  });
});

test("a receipt that ends within its text is refused, and taken when it comes whole", async () => {
  const { made, link, ids, handset } = await submitted();
  const whole = deliver(handset, text.length, text);
  const cut = Buffer.from(whole.subarray(0, -3));
  cut.writeUInt32BE(cut.length, 0);
  expect(cut.length).toBeGreaterThan(BODY);
  link.octets(cut);
  await until("the answer", () => link.count("deliver_sm_resp") === 1);
  expect(link.received.find(({ command }) => command === "deliver_sm_resp")?.command_status).toBe(0x01);
  link.octets(whole);
  expect(await made.finalOf(ids[0]!)).toBe("delivered 00");
});
