import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { receiptCode } from "../../receipt/code.ts";
import { isReceipt, readReceipt } from "../../receipt/read.ts";
import { readEvent } from "./event.ts";

const sendTime = "2026-11-29T10:00:00.123456789Z";
const user = { senderPhoneNumber: "+447700900123", messageId: "m", eventId: "e", sendTime, agentId: "a" };
const platform = { phoneNumber: "+447700900123", messageId: "m", eventId: "e", agentId: "a" };

test("an event has its own time, and says whether the message was read", () => {
  const [delivered, read] = ["DELIVERED", "READ"].map((eventType) => readEvent({ ...user, eventType }));
  expect(delivered).toMatchObject({ doneAt: Date.parse("2026-11-29T10:00:00.123Z") });
  expect([delivered?.read, read?.read]).toEqual([undefined, true]);
  for (const sendTime of [undefined, "soon", 5, null]) {
    expect(readEvent({ ...user, sendTime, eventType: "READ" })).not.toHaveProperty("doneAt");
  }
});

describe("an event", () => {
  test.each<[object, string]>([
    [{ ...user, eventType: "DELIVERED" }, "00"],
    [{ ...user, eventType: "READ" }, "00"],
    [{ ...platform, eventType: "TTL_EXPIRATION_REVOKED" }, "46"],
  ])("%j is the receipt of its message, with code %s", (event, code) => {
    const delivery = readEvent(event)!;
    expect(delivery).toMatchObject({ source: "+447700900123", tlvs: { receipted_message_id: "m" } });
    expect(isReceipt(delivery)).toBe(true);
    const verdict = receiptCode(readReceipt(delivery), { errorCodes: {}, accepted: "intermediate" });
    expect(verdict).toMatchObject({ final: true, delivered: code === "00", code });
  });

  test.each<[unknown]>([
    [{ ...platform, eventType: "TTL_EXPIRATION_REVOKE_FAILED" }],
    [{ ...user, eventType: "IS_TYPING" }],
    [{ ...user, eventType: "toString" }],
    [{ ...user, text: "Hello" }],
    [{ ...user, eventType: "DELIVERED", messageId: "" }],
    [{ ...user, eventType: "DELIVERED", messageId: 5 }],
    [{}],
    [null],
    ["DELIVERED"],
  ])("%j is none", (event) => {
    expect(readEvent(event)).toBeNull();
  });

  test("of any shape is read without a fault", () => {
    const eventType = fc.oneof(fc.constantFrom("DELIVERED", "READ"), fc.anything());
    const event = fc.record(
      { eventType, messageId: fc.anything(), senderPhoneNumber: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(event, fc.anything()), (any) => {
        const read = readEvent(any);
        if (read !== null) expect(typeof read.source).toBe("string");
      }),
    );
  });
});
