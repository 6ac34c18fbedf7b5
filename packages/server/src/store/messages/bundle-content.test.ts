import fc from "fast-check";
import { expect, test } from "vitest";
import { bundleContent, bundleMessages } from "./bundle-content.ts";
import type { NewMessage } from "./insert-messages.ts";

const few = <Value>(...values: Value[]) => fc.constantFrom(...values);
const message: fc.Arbitrary<NewMessage> = fc.record({
  id: fc.uuid({ version: 7 }),
  accountId: few(1, 2),
  destination: few("447700900001", "447700900002"),
  parts: few(1, 2),
  expiresAt: few(1_800_000_000_000, 1_800_000_000_001),
  receiptBy: few(null, 1_800_000_060_000),
  leasedBy: few(0),
  batchId: few(null, "01890000-0000-7000-8000-000000000000"),
  givenId: few(null, "01890000-0000-7000-8000-000000000001"),
  sender: few(null, "MyShop"),
  body: few(null, "", 'He said "no"\\\n'),
  callback: few(null, "https://example.com/?a=b"),
  endpoint: few(null, 7),
});

test("what is read from a bundle is what was written, whatever its messages have alike", () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (messages) => {
      const written = messages.map(({ leasedBy: _, ...kept }) =>
        Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, value ?? undefined])),
      );
      expect(bundleMessages(bundleContent(messages))).toEqual(written);
    }),
  );
});

test("what all have alike stands once", () => {
  const alike = { accountId: 1, parts: 1, expiresAt: 9, receiptBy: null, leasedBy: 0, batchId: null, givenId: null };
  const messages = ["a", "b"].map((id) => {
    return { ...alike, id, destination: id, sender: "MyShop", body: "Hello", callback: null, endpoint: null };
  });
  expect(JSON.parse(bundleContent(messages))).toEqual({
    shared: { accountId: 1, parts: 1, expiresAt: 9, sender: "MyShop", body: "Hello" },
    messages: messages.map(({ id, destination }) => ({ id, destination })),
  });
});
