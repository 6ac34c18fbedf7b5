import fc from "fast-check";
import { expect, test } from "vitest";
import { anyCodePoint } from "../../test/support/chances.ts";
import type { FieldRule } from "../http/field-rules.ts";
import { isUuid } from "../message/id.ts";
import { parseIsoTime } from "../message/iso-time.ts";
import { normaliseMsisdn } from "../message/msisdn.ts";
import { normaliseSenderId } from "../message/sender-id.ts";
import { addressPolicy } from "../network/address.ts";
import { checkCallbackUrl } from "../network/url.ts";
import { PATTERNS } from "./patterns.ts";

const policy = addressPolicy({
  allowPrivateAddresses: false,
  allowLoopback: false,
  onlyLoopback: false,
  allowNetworks: [],
});

/** What each rule takes, by the code that validates. */
const TAKES: Record<FieldRule, (text: string) => boolean> = {
  msisdn: (text) => normaliseMsisdn(text) !== null,
  sender: (text) => normaliseSenderId(text) !== null,
  uuid: isUuid,
  time: (text) => parseIsoTime(text) !== null,
  url: (text) => checkCallbackUrl(text, policy).ok,
  text: (text) => text.length > 0 && !text.includes("\0"),
};

/** Texts of the kind, most of which the rule takes. */
const KIND: Record<FieldRule, fc.Arbitrary<string>> = {
  msisdn: fc.stringMatching(/^\+?(?:447[0-9]{9}|1[2-9][0-9]{9}|[1-9][0-9]{6,14})$/),
  sender: fc.oneof(fc.stringMatching(/^\+?[0-9]{3,15}$/), fc.stringMatching(/^[A-Za-z0-9äöñÜ£€[\]^{}|~\\_ .-]{1,11}$/)),
  uuid: fc.oneof(
    fc.uuid(),
    fc.uuid().map((uuid) => uuid.toUpperCase()),
  ),
  time: fc.stringMatching(
    /^20[0-9]{2}-(?:0[1-9]|1[0-2])-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?:Z|[+-]0[0-9](?::?[0-5][0-9])?)?$/,
  ),
  url: fc.webUrl({ withQueryParameters: true }),
  text: fc.string({ unit: anyCodePoint, minLength: 1 }),
};

/** The same with a character lost, doubled, or another one in it. */
function nearly(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const strange = fc.constantFrom(
    "",
    "+",
    "-",
    "0",
    "9",
    "a",
    "Z",
    "ß",
    "漢",
    "😀",
    "\0",
    "\n",
    "\f",
    " ",
    "٣",
    "９",
    "{",
    ".",
  );
  return fc.tuple(text, fc.nat(), strange, fc.boolean()).map(([whole, place, character, instead]) => {
    const at = place % (whole.length + 1);
    return whole.slice(0, at) + character + whole.slice(instead ? at + 1 : at);
  });
}

/** Those whose rule takes all that the pattern takes. Others know more: a calendar, hosts, what an address field holds. */
const WHOLE: readonly FieldRule[] = ["msisdn", "uuid", "text"];

/** Each rule with its pattern, and texts that it may take or not. */
function ruled(rule: FieldRule) {
  const texts = fc.oneof(KIND[rule], nearly(KIND[rule]), fc.string(), fc.string({ unit: anyCodePoint }));
  return { pattern: new RegExp(PATTERNS[rule].pattern, "u"), takes: TAKES[rule], texts };
}

/** Of texts for which the first holds the second does; so many are met that it says something. */
function implies(texts: fc.Arbitrary<string>, one: (text: string) => boolean, other: (text: string) => boolean): void {
  let met = 0;
  const holds = (text: string): boolean => {
    if (!one(text)) return true;
    met++;
    return other(text);
  };
  fc.assert(fc.property(texts, holds), { numRuns: 2_000 });
  expect(met).toBeGreaterThan(200);
}

test.each(Object.keys(PATTERNS) as FieldRule[])("%s: the pattern takes whatever the rule takes", (rule) => {
  const { pattern, takes, texts } = ruled(rule);
  implies(texts, takes, (text) => pattern.test(text));
});

test.each(WHOLE)("%s: the rule takes whatever the pattern takes", (rule) => {
  const { pattern, takes, texts } = ruled(rule);
  implies(texts, (text) => pattern.test(text), takes);
});

test("sender: the rule takes whatever the pattern takes, unless it has € or Greek beside what doubles its octets", () => {
  const { pattern, takes, texts } = ruled("sender");
  implies(texts, (text) => pattern.test(text) && !/[€ΔΦΓΛΩΠΨΣΘΞ]/.test(text), takes);
});
