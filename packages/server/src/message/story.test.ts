import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  eventLine,
  eventsOf,
  finalReceiptLine,
  heldSince,
  joined,
  lastSubmittedAt,
  RECEIPT_EFFECTS,
  RECEIPT_STATES,
  REFUSAL_ENDS,
  type ReceiptEvent,
  type StoredEvent,
} from "./story.ts";

const KNOWN = { carrier: 1, carrierMessageId: "0a1b2c" };
const noDate = (): null => null;

const at = fc.integer({ min: 0, max: 4_102_444_800_000 });
const number = fc.integer({ min: 0, max: 32_767 });
/** Whatever a carrier may write: octets as Latin-1, with what ends fields and lines. */
const said = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((octet) => String.fromCharCode(octet)) });
const word = said.filter((text) => text !== "");

const receipt: fc.Arbitrary<ReceiptEvent> = fc
  .record({
    kind: fc.constant("receipt" as const),
    at,
    part: fc.option(number),
    state: fc.constantFrom(...RECEIPT_STATES),
    error: fc.option(word),
    text: fc.option(said),
    doneAt: fc.option(at),
    effect: fc.constantFrom(...RECEIPT_EFFECTS),
  })
  .chain((event) =>
    fc.oneof(
      fc.constant(event),
      number.map((carrier) => ({ ...event, carrier })),
    ),
  );

const event: fc.Arbitrary<StoredEvent> = fc.oneof(
  fc.record({ kind: fc.constant("released" as const), at }),
  fc.record({ kind: fc.constant("submitted" as const), at, part: fc.constant(0), ms: number }),
  fc.record({
    kind: fc.constant("submitted" as const),
    at,
    part: number,
    ms: number,
    carrier: number,
    id: fc.option(word),
  }),
  fc.record({
    kind: fc.constant("refused" as const),
    at,
    part: number,
    ms: number,
    carrier: number,
    status: fc.option(word),
    code: fc.option(fc.constantFrom("00", "5D")),
    end: fc.constantFrom(...REFUSAL_ENDS),
  }),
  fc.record({ kind: fc.constant("uncertain" as const), at, carrier: number }),
  fc.record({ kind: fc.constant("fallback" as const), at, from: fc.constant("rcs"), to: fc.constant("sms") }),
  receipt,
);

describe("what is kept of a message's events", () => {
  test("is read as it was written, whatever carriers say", () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const text = events.map(eventLine).reduce<string | null>(joined, null);
        expect(eventsOf(text, KNOWN, noDate)).toEqual(events);
        expect(text ?? "").not.toContain("\0");
        const submits = events.filter(({ kind }) => kind === "submitted");
        expect(lastSubmittedAt(text)).toBe(submits.at(-1)?.at ?? null);
      }),
    );
  });

  const receiptOf = (text: string): ReceiptEvent => ({
    kind: "receipt",
    at: 1_795_000_000_123,
    part: null,
    state: "delivered",
    error: "000",
    text,
    doneAt: 1_795_000_000_000,
    effect: "applied",
  });
  const readDate = (): number => 1_795_000_000_000;

  test.each([
    "id:0a1b2c sub:001 dlvrd:001 submit date:2611291030 done date:2611291030 stat:DELIVRD err:000 text:",
    "id:0a1b2c sub:001 dlvrd:001 submit date:2611291030 done date:2611291031 stat:DELIVRD err:000 Text:Your code\tis\n1",
    "id:0a1b2c sub:001 dlvrd:001 submit date:261129103000 done date:2611291031 stat:DELIVRD err:000 text:id:7",
    "id:other sub:001 dlvrd:001 submit date:2611291030 done date:2611291030 stat:DELIVRD err:000 text:",
    "id:0a1b2c sub:001 dlvrd:000 submit date:2611291030 done date:2611291030 stat:DELIVRD err:000 text:",
    "id:0a1b2c stat:DELIVRD err:000",
    "",
  ])("of the receipt that delivers it nothing is lost: %j", (text) => {
    const line = finalReceiptLine(receiptOf(text), KNOWN.carrierMessageId);
    expect(eventsOf(line, KNOWN, readDate)).toEqual([receiptOf(text)]);
  });

  test("is about 25 octets of a usual receipt, and 12 of its submit", () => {
    const text = "id:0a1b2c sub:001 dlvrd:001 submit date:2611291030 done date:2611291030 stat:DELIVRD err:000 text:";
    expect(finalReceiptLine(receiptOf(text), KNOWN.carrierMessageId).length).toBeLessThanOrEqual(25);
    expect(eventLine({ kind: "submitted", at: 1_795_000_000_123, part: 0, ms: 45 }).length).toBeLessThanOrEqual(12);
  });

  test.each([
    ["rk0000000\t1795000000123\nsk0000001\t1a", 1_795_000_000_123],
    ["rk0000000\nsk0000001\t1a", null],
    ["sk0000001\t1a\t1\t1795000000123", null],
    ["", null],
    [null, null],
  ])("says since when a message was held: %j", (text, since) => {
    expect(heldSince(text)).toBe(since);
    const released = { kind: "released", at: Number.parseInt("k0000000", 36) };
    const events = eventsOf(text, KNOWN, noDate).filter(({ kind }) => kind === "released");
    expect(events).toEqual(text?.startsWith("r") ? [released] : []);
  });

  test("leaves out lines that cannot be read, and no others", () => {
    expect(eventsOf("?\nrk0000000\n", KNOWN, noDate)).toEqual([
      { kind: "released", at: Number.parseInt("k0000000", 36) },
    ]);
  });
});
