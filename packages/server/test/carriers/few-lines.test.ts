import { pino } from "pino";
import { describe, expect, test } from "vitest";
import type { Carrier, Delivery } from "../../src/carriers/carrier.ts";
import { Inbound } from "../../src/inbound/inbound.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { receipt, type SmscLink } from "../support/pdu-smsc.ts";
import { until } from "../support/until.ts";
import { boundLine, type Line, line } from "./rig.ts";

const TIMES = 300;
const SOON = { backoff: { failedMs: [1], refusedMs: [1] } };

/** How often each line is in the log. */
function told({ logged }: Pick<Line, "logged">): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { msg } of logged) counts[msg] = (counts[msg] ?? 0) + 1;
  return counts;
}

function frame(command_id: number, sequence_number: number): Buffer {
  const header = Buffer.alloc(16);
  for (const [index, field] of [16, command_id, 0, sequence_number].entries()) header.writeUInt32BE(field, index * 4);
  return header;
}

/** Waits until the carrier's peer has read all that was written to it so far. */
async function untilRead(link: SmscLink): Promise<void> {
  const before = link.count("enquire_link_resp");
  link.write({ command: "enquire_link", sequence_number: 0x1000 });
  await until("the link to be used still", () => link.count("enquire_link_resp") > before);
}

describe("a carrier has a line in the log, however often it", () => {
  test("sends what is no PDU", async () => {
    const made = await boundLine();
    const link = await made.smsc.link(1);
    link.octets(Buffer.concat(Array.from({ length: TIMES }, (_, index) => frame(0x112, index + 1))));
    await untilRead(link);
    expect(link.count("generic_nack")).toBe(TIMES);
    expect(told(made)).toEqual({ bound: 1, "the carrier sent octets that are no PDU": 1 });
  });

  test("answers what nobody asked", async () => {
    const made = await boundLine();
    const link = await made.smsc.link(1);
    for (let index = 1; index <= TIMES; index++)
      link.write({ command: "submit_sm_resp", sequence_number: 70_000 + index, message_id: "x" });
    await untilRead(link);
    expect(told(made)).toEqual({ bound: 1, "an answer to no request": 1 });
  });

  test("sends receipts that name no message", async () => {
    const made = await boundLine();
    const link = await made.smsc.link(1);
    const { short_message: _, ...fields } = receipt("447700900123", "");
    const short_message = Buffer.from("stat:DELIVRD err:000", "latin1");
    for (let index = 1; index <= TIMES; index++)
      link.write({ command: "deliver_sm", sequence_number: index, ...fields, short_message });
    await until("their answers", () => link.count("deliver_sm_resp") === TIMES);
    expect(told(made)).toEqual({ bound: 1, "a receipt without a message id": 1 });
  });

  test("takes a bind and drops it", async () => {
    const made = await line({ waits: SOON });
    made.smsc.onBind = (link) => {
      queueMicrotask(() => link.cut());
      return 0;
    };
    await made.carriers[0]?.start();
    await until("many binds", () => made.smsc.links.length >= 50);
    expect(Object.values(told(made)).every((times) => times <= 2)).toBe(true);
    made.smsc.onBind = () => 0;
    await until("a bind that stands", () => made.carriers[0]?.up);
    expect(Object.values(told(made)).every((times) => times <= 2)).toBe(true);
  });

  test("refuses a bind", async () => {
    const made = await line({ waits: SOON });
    made.smsc.onBind = () => 0x0e;
    await made.carriers[0]?.start();
    await until("many refusals", () => made.smsc.links.length >= 50);
    expect(told(made)).toEqual({ "the carrier refused the bind": 1 });
    made.smsc.onBind = () => 0;
    await until("a bind", () => made.carriers[0]?.up);
    expect(told(made)).toEqual({ "the carrier refused the bind": 1, bound: 1 });
  });

  test("sends messages from what is no handset", async () => {
    const logged: Line["logged"] = [];
    const log = pino({ level: "debug" }, { write: (text: string) => void logged.push(JSON.parse(text)) });
    const never = () => expect.fail("was asked");
    const inbound = new Inbound({
      pool: {} as never,
      log,
      clock: systemClock,
      optOut: "off",
      optOutWord: never,
      onPassedOn: never,
      count: () => {},
    });
    const delivery = { source: "", destination: "", esmClass: 0, dataCoding: 0, body: Buffer.from("x"), tlvs: {} };
    for (let index = 0; index < TIMES; index++) {
      for (const id of ["one", "other"])
        expect(await inbound.receive({ id } as Carrier, delivery as Delivery)).toBe(0x66);
    }
    expect(Object.values(told({ logged }))).toEqual([2]);
  });
});
