import { encodeGsm, isGsm } from "./gsm.ts";

/** An address as SMPP carries it: type of number, numbering plan, text (SMPP 3.4 §5.2.5, §5.2.6, §5.2.8). */
export interface Address {
  ton: number;
  npi: number;
  address: string;
}

const DIGITS = /^[0-9]{3,15}$/;
const LETTER = /\p{L}/u;
/** Surrounding or double blanks: a handset shows such a name like the one without them. */
const SPARE_BLANK = /^ | $| {2}/;
/** Line feed, form feed and carriage return are in the GSM alphabet, but not in a name. */
const CONTROL = /[\n\f\r]/;

/**
 * A sender that a handset can show: 3 to 15 digits (a leading `+` is dropped), or 1 to 11 characters of the GSM alphabet
 * with at least one letter and no invisible blanks. Null for anything else, and for a name that no carrier's encoding can
 * write (`writtenSender`). An alphanumeric address holds 11 septets (3GPP TS 23.040 §9.1.2.5); whether eleven characters
 * with one of the extension table among them pass is up to the carrier.
 */
export function normaliseSenderId(value: string): string | null {
  const digits = value.startsWith("+") ? value.slice(1) : value;
  if (DIGITS.test(digits)) return digits;
  if (value.length === 0 || value.length > 11 || !isGsm(value)) return null;
  if (CONTROL.test(value) || SPARE_BLANK.test(value)) return null;
  return LETTER.test(value) && writtenSender(value, "latin1") !== null ? value : null;
}

/** A carrier's encoding of the letters of a sender ID. */
export type SenderEncoding = "latin1" | "gsm";

const NOT_LATIN1 = /[^\0-\xff]/;
/** source_addr without the NUL at its end (SMPP 3.4 §4.4.1). */
export const LONGEST_ADDRESS = 20;

/**
 * A sender ID as the octets of a source_addr, a character each. That field is an ASCII string (SMPP 3.4 §3.1, §5.2.8), and
 * nothing says how to write other letters: carriers differ (NowSMS's support says so; Oracle's gateway warns of anything
 * but ASCII; Kannel writes GSM octets only if `alt-addr-charset` asks for them, and then `?` for `@`). Latin-1 leaves ASCII
 * as it is, and lacks ten Greek capitals and the euro sign; GSM octets have these, but their `@` is the NUL that ends the
 * string. A character that `encoding` lacks is written in the other; null if both lack one.
 */
export function writtenSender(sender: string, encoding: SenderEncoding): string | null {
  const latin1 = NOT_LATIN1.test(sender) ? null : sender;
  if (latin1 !== null && (encoding === "latin1" || sender.includes("@"))) return latin1;
  if (sender.includes("@")) return null;
  const octets = encodeGsm(sender);
  return octets.length > LONGEST_ADDRESS ? latin1 : octets.toString("latin1");
}

/**
 * Characters that look like another on a small screen, of the GSM alphabet in lower case: Greek capitals, letters with
 * marks, signs for letters. O and 0, and I, l and 1, become the digit, so that a name with one of them does not pass for a
 * short code either; a number stays as it is.
 */
const LOOK_ALIKES: readonly (readonly [characters: string, as: string])[] = [
  ["oòöøθφ", "0"],
  ["iìl|!¡", "1"],
  ["aàäåδλ@", "a"],
  ["bß", "b"],
  ["cç", "c"],
  ["eèéσςξ€", "e"],
  ["nñ", "n"],
  ["s$", "s"],
  ["uùü", "u"],
  ["y¥", "y"],
];
const LOOKS = new Map(LOOK_ALIKES.flatMap(([characters, as]) => [...characters].map((one) => [one, as] as const)));

/** The form in which sender IDs are compared: people do not tell MyShop, MYSHOP and MySh0p apart. */
export function foldSenderId(sender: string): string {
  return Array.from(sender.toLowerCase(), (character) => LOOKS.get(character) ?? character).join("");
}

/** Whether a handset can answer it: it is a number. */
export function isAnswerable(sender: string): boolean {
  return DIGITS.test(sender);
}

/**
 * The source address for a sender that `normaliseSenderId` returned. With a letter: alphanumeric (TON 5), numbering
 * plan unknown (NPI 0). 3 to 8 digits: a short code, network specific (TON 3, NPI 0). More: international (TON 1) in
 * E.164 (NPI 1). The specification names the values only; this use of them is what carriers' own guides ask for
 * (Infobip's defaults for `source_addr_ton` and `source_addr_npi`; 9bits and Sinch for the first and the last).
 */
export function senderAddress(sender: string): Address {
  if (!DIGITS.test(sender)) return { ton: 5, npi: 0, address: sender };
  return sender.length <= 8 ? { ton: 3, npi: 0, address: sender } : { ton: 1, npi: 1, address: sender };
}
