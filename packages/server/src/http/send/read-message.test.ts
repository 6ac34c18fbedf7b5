import fc from "fast-check";
import { expect, test } from "vitest";
import { RULES as USUAL } from "../../../test/support/rules.ts";
import { readMessages } from "./read-message.ts";
import type { RulesOptions } from "./rules.ts";
import type { PostMessage } from "./schemas.ts";

const RULES: RulesOptions = { ...USUAL, channels: new Set(["sms"]) };
const NOW = Date.UTC(2026, 10, 25);

const sender = fc.record({
  type: fc.constant("custom" as const),
  value: fc.constantFrom("MyShop", "447700900000", 'A"\\B'),
});
const message = fc.record(
  {
    from: fc.oneof(sender, fc.constant({ type: "shared" as const })),
    to: fc.constantFrom("447700900123", "+447700900123"),
    body: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((text) => !text.includes("\0")),
    callback: fc.webUrl(),
    send_at: fc.constantFrom("2026-11-26T09:30Z", "2020-01-01T00:00:00+01:00"),
    id: fc.uuid({ version: 7 }),
  },
  { requiredKeys: ["from", "to", "body"] },
);

test("an answer is what JSON.stringify writes, whatever texts are in it", () => {
  fc.assert(
    fc.property(fc.uniqueArray(message, { minLength: 1, maxLength: 3, selector: ({ id }) => id ?? {} }), (messages) => {
      const { answer } = readMessages({ body: { messages }, faults: [] }, { accountId: 1, priced: false }, RULES, NOW);
      const text = answer();
      const read = JSON.parse(text) as { messages: object[] };
      expect(JSON.stringify(read)).toBe(text);
      expect(read.messages).toMatchObject(
        messages.map(({ from, to, body, callback, send_at, id }) => ({
          to,
          body,
          ...(from.type === "custom" ? { from } : {}),
          ...(callback === undefined ? {} : { callback }),
          ...(send_at === undefined ? {} : { send_at }),
          ...(id === undefined ? {} : { messageUuid: id }),
        })),
      );
    }),
  );
});

test.each(["€€€€€€€€€€a", "shop@Ω"])("the refusal of the sender %s names the octets that an address holds", (value) => {
  const one = { from: { type: "custom" as const, value }, to: "447700900123", body: "x" };
  expect(() =>
    readMessages({ body: { messages: [one] }, faults: [] }, { accountId: 1, priced: false }, RULES, NOW),
  ).toThrow(
    expect.objectContaining({
      faults: [{ path: "messages[0].from.value", message: expect.stringContaining("20 octets of an SMPP address") }],
    }),
  );
});

test("a channel that is there twice is a fault", () => {
  const sound = { from: { type: "custom" as const, value: "MyShop" }, to: "447700900123", body: "x" };
  const read = (channels: ("sms" | "rcs")[]) =>
    readMessages(
      { body: { messages: [{ ...sound, channels }] }, faults: [] },
      { accountId: 1, priced: false },
      RULES,
      NOW,
    );
  const fault = { path: "messages[0].channels", message: "names sms twice" };
  expect(() => read(["sms", "sms"])).toThrow(expect.objectContaining({ faults: [fault] }));
  expect(read(["sms"]).acceptance.messages).toHaveLength(1);
});

test.each([
  ["without RCS", "sms", { channels: ["rcs"] }, "rcs"],
  ["without SMS what names no channel cannot go, which", "rcs", {}, "sms"],
])("%s is said", (_, has, channels, missing) => {
  const message = { from: { type: "custom" as const, value: "MyShop" }, to: "447700900123", body: "x", ...channels };
  const rules = { ...RULES, channels: new Set([has]) } as unknown as RulesOptions;
  const body = { messages: [message] } as PostMessage;
  const fault = { path: "messages[0].channels", message: `${missing} is not available on this server` };
  expect(() => readMessages({ body, faults: [] }, { accountId: 1, priced: false }, rules, NOW)).toThrow(
    expect.objectContaining({ faults: [fault] }),
  );
});
