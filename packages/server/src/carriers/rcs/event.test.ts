import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeParts } from "../../inbound/decode.ts";
import { receiptCode } from "../../receipt/code.ts";
import { isReceipt, readReceipt } from "../../receipt/read.ts";
import { readAnswer, readEvent } from "./event.ts";

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

describe("an answer of a handset", () => {
  const from = { senderPhoneNumber: "+447700900123", messageId: "m", sendTime, agentId: "a" };
  const payload = { mimeType: "image/jpeg", fileSizeBytes: 5, fileName: "a.jpg", fileUri: "https://example.com/a" };

  test.each<[object, string, object]>([
    [{ text: "Grüße 👋" }, "Grüße 👋", { type: "text" }],
    [
      { suggestionResponse: { postbackData: "yes", text: "Yes", type: "REPLY" } },
      "Yes",
      { type: "suggestion", postbackData: "yes", text: "Yes" },
    ],
    [{ suggestionResponse: { postbackData: "yes" } }, "", { type: "suggestion", postbackData: "yes" }],
    [{ userFile: { payload } }, "", { type: "file", payload }],
    [{ location: { latitude: 51.5 } }, "", { type: "location", latitude: 51.5, longitude: 0 }],
    [{ text: "a\0b\ud800" }, "ab\ufffd", { type: "text" }],
  ])("%j is a text from it", (content, text, rcs) => {
    const delivery = readAnswer({ ...from, ...content }, "shop")!;
    expect(delivery).toMatchObject({ source: "+447700900123", destination: "shop", inboundId: "m" });
    expect(delivery.rcs).toEqual(rcs);
    expect(decodeParts([{ dataCoding: delivery.dataCoding, octets: delivery.body }])).toBe(text);
    expect(isReceipt(delivery)).toBe(false);
  });

  test.each<[unknown]>([
    [from],
    [{ text: "Hi" }],
    [{ ...from, senderPhoneNumber: 447_700_900_123, text: "Hi" }],
    [{ ...from, text: 5 }],
    [{ ...from, suggestionResponse: null }],
    [{ ...from, userFile: [] }],
    [{ ...from, location: "here" }],
    [{ ...from, eventType: "IS_TYPING" }],
    [null],
  ])("%j is none", (event) => {
    expect(readAnswer(event, "shop")).toBeNull();
  });

  test("of any shape is read without a fault", () => {
    const content = fc.record(
      { text: fc.anything(), suggestionResponse: fc.anything(), userFile: fc.anything(), location: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(content, (any) => {
        const read = readAnswer({ ...from, ...any }, "shop");
        if (read !== null) expect(["text", "suggestion", "file", "location"]).toContain(read.rcs?.type);
      }),
    );
  });
});
