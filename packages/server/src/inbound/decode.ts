import type { InformationElement } from "@messaging-plus/smpp";
import { decodeGsm, decodeUcs2, encodeUcs2 } from "../message/gsm.ts";
import { decodeIa5 } from "../message/ia5.ts";
import { nationalTables } from "../message/national-languages.ts";

/** Octets of a message from a handset, without a user data header, with their data_coding. */
export interface CodedText {
  /** SMPP 3.4 §5.2.19; carriers also pass on the handset's own data coding scheme (3GPP TS 23.038 §4). */
  dataCoding: number;
  octets: Uint8Array;
}

type Coding =
  | "gsm"
  | "ia5"
  | "latin1"
  | "ucs2"
  | "binary"
  | "iso-8859-5"
  | "iso-8859-8"
  | "shift_jis"
  | "iso-2022-jp"
  | "euc-jp"
  | "euc-kr";

/** The codings below 0x10, SMPP 3.4 §5.2.19. Reserved ones are read as Latin-1. */
const CODINGS: readonly Coding[] = [
  "gsm", // the SMSC's default alphabet
  "ia5",
  "binary",
  "latin1",
  "binary",
  "shift_jis", // JIS X 0208, as handsets write it
  "iso-8859-5",
  "iso-8859-8",
  "ucs2",
  "shift_jis", // pictograms, which are an extension of it
  "iso-2022-jp",
  "latin1",
  "latin1",
  "euc-jp", // JIS X 0212
  "euc-kr", // KS C 5601
  "latin1",
];

/**
 * The text of a message, from its parts in order. Octets are joined before they are read: one half of a character may be in
 * one part and the other in the next. Binary messages (data_coding 2, 4, 0xF4–0xF7) become hexadecimal. Takes any octets;
 * the text has neither NUL nor half of a surrogate pair, which cannot be stored.
 */
export function decodeParts(parts: readonly CodedText[]): string {
  let text = "";
  for (let from = 0; from < parts.length; ) {
    const coding = codingOf(parts[from]!.dataCoding);
    let to = from + 1;
    while (to < parts.length && codingOf(parts[to]!.dataCoding) === coding) to++;
    text += decode(
      parts.slice(from, to).map(({ octets }) => octets),
      coding,
    );
    from = to;
  }
  return text.replaceAll("\0", "").toWellFormed();
}

const SINGLE_SHIFT = 0x24;
const LOCKING_SHIFT = 0x25;
const UCS2 = 0x08;

/**
 * A text in the national languages of its header (3GPP TS 23.040 §9.2.3.24.15 and §9.2.3.24.16), as UCS-2. Each part of a
 * long text names its own languages, and no escape stands apart from its septet (§9.2.3.16), so each part is read by
 * itself. Other texts stay as they are. A header with a language means septets, also under IA5.
 */
export function readNationalLanguage(text: CodedText, elements: readonly InformationElement[]): CodedText {
  const coding = codingOf(text.dataCoding);
  if ((coding !== "gsm" && coding !== "ia5") || text.octets.some((octet) => octet > 0x7f)) return text;
  const [single, locking] = [language(elements, SINGLE_SHIFT), language(elements, LOCKING_SHIFT)];
  if (single === undefined && locking === undefined) return text;
  const octets = encodeUcs2(decodeGsm(text.octets, nationalTables(single ?? 0, locking ?? 0)));
  return { dataCoding: UCS2, octets };
}

/** Stands for a missing part in a text. */
export const MISSING = "[…]";

/** A text whose end may be missing, as UCS-2 with a mark at its end, so that it does not pass for whole. */
export function markedAsCut(text: CodedText): CodedText {
  return { dataCoding: UCS2, octets: encodeUcs2(decodeParts([text]) + MISSING) };
}

/** The last of several elements counts (§9.2.3.24). */
function language(elements: readonly InformationElement[], iei: number): number | undefined {
  return elements.findLast((element) => element.iei === iei && element.data.length === 1)?.data[0];
}

/** The coding groups of 3GPP TS 23.038 §4 beyond SMPP's own numbers; bits 2 and 3 choose the alphabet. */
function codingOf(dataCoding: number): Coding {
  if (dataCoding < 0x10) return CODINGS[dataCoding] ?? "latin1";
  const group = dataCoding >> 4;
  if (group === 0xe) return "ucs2"; // message waiting, text in UCS-2
  if (group === 0xc || group === 0xd) return "gsm"; // message waiting
  if (group === 0xf) return (dataCoding & 0x04) === 0 ? "gsm" : "binary"; // message class
  if (group >= 0x8) return "latin1"; // reserved
  const alphabet = (dataCoding >> 2) & 0x3;
  return alphabet === 0 ? "gsm" : alphabet === 1 ? "binary" : alphabet === 2 ? "ucs2" : "latin1";
}

function decode(parts: readonly Uint8Array[], coding: Coding): string {
  if (coding === "ucs2") return decodeMarkedUcs2(parts);
  const octets = Buffer.concat(parts);
  switch (coding) {
    case "gsm":
      // No septet has the high bit: such octets are of a carrier whose default alphabet is not GSM's.
      return octets.some((octet) => octet > 0x7f) ? octets.toString("latin1") : decodeGsm(octets);
    case "ia5":
      return decodeIa5(octets);
    case "latin1":
      return octets.toString("latin1");
    case "binary":
      return octets.toString("hex").toUpperCase();
    default:
      return new TextDecoder(coding).decode(octets);
  }
}

/** A byte order mark before a part is no text, and gives the order (Unicode Standard §23.8); without one, big-endian. */
function decodeMarkedUcs2(parts: readonly Uint8Array[]): string {
  let little = false;
  const unmarked = parts.map((part) => {
    const mark = part.length < 2 ? 0 : (part[0]! << 8) | part[1]!;
    if (mark === LITTLE_ENDIAN_MARK) little = true;
    return mark === BIG_ENDIAN_MARK || mark === LITTLE_ENDIAN_MARK ? part.subarray(2) : part;
  });
  const octets = Buffer.concat(unmarked);
  return little ? octets.toString("utf16le", 0, octets.length & ~1) : decodeUcs2(octets);
}

const BIG_ENDIAN_MARK = 0xfeff;
const LITTLE_ENDIAN_MARK = 0xfffe;
