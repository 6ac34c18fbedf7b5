import type { FieldRule } from "../http/field-rules.ts";
import { isGsm } from "../message/gsm.ts";
import { UUID } from "../message/id.ts";
import { ISO_TIME } from "../message/iso-time.ts";

/** The euro sign; no character of the GSM alphabet is above it. */
const LAST_GSM = 0x20ac;

/** The characters that a sender's name may hold, as a class of a regular expression. */
const NAME = Array.from({ length: LAST_GSM + 1 }, (_, unit) => String.fromCharCode(unit)).filter(
  (character) => isGsm(character) && !/[\n\f\r]/.test(character),
);
const classOf = (characters: readonly string[]): string =>
  `[${characters.map((character) => character.replace(/[\\\]^[-]/, "\\$&")).join("")}]`;
const LETTERS = classOf(NAME.filter((character) => /\p{L}/u.test(character)));

/**
 * What our own rules take, as JSON Schema says it. A pattern may take a little more than its rule, which its description
 * then says; it never takes less.
 */
export const PATTERNS: Record<FieldRule, { pattern: string; format?: string }> = {
  msisdn: { pattern: "^\\+?[1-9][0-9]{6,14}$" },
  sender: { pattern: `^(?:\\+?[0-9]{3,15}|(?=.*${LETTERS})(?!.* $)(?!.* {2})(?! )${classOf(NAME)}{1,11})$` },
  uuid: { format: "uuid", pattern: UUID.source.replaceAll("a-f", "A-Fa-f") },
  time: { pattern: ISO_TIME.source },
  url: { format: "uri", pattern: "^ *[Hh][Tt][Tt][Pp][Ss]?:" },
  text: { pattern: "^[^\\u0000]+$" },
};
