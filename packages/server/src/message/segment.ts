import { clusterEnd, isPlainBoundary } from "./grapheme.ts";
import { countSeptets, encodeGsm, encodeUcs2, septetCost } from "./gsm.ts";
import type { NationalLanguage } from "./national-languages.ts";
import { fewestParts } from "./shift.ts";

export type Encoding = "gsm7" | "ucs2";

/** A text as it is submitted: the user data of each part, without the user data header. */
export interface Segments {
  encoding: Encoding;
  /** GSM: one septet in an octet. UCS-2: two octets a UTF-16 code unit. Not to be written to. */
  parts: readonly Buffer[];
}

/**
 * The content of one short message (140 octets), and the rest of it beside a concatenation header, in septets for GSM and
 * code units for UCS-2: 6 octets with an 8-bit reference, 7 with a 16-bit one (3GPP TS 23.040 §9.2.3.24.1 and
 * §9.2.3.24.8).
 */
const CAPACITY = {
  gsm7: { alone: 160, udh8: 153, udh16: 152 },
  ucs2: { alone: 70, udh8: 67, udh16: 66 },
} as const;

/** SMPP 3.4 §5.2.19: 0x00 is the SMSC's default alphabet, 0x08 UCS-2. */
export function dataCoding(encoding: Encoding): number {
  return encoding === "gsm7" ? 0x00 : 0x08;
}

/**
 * The number of parts as which a text is counted (and paid): with an 8-bit reference, as the npm package
 * `sms-segments-calculator` counts, which never splits a grapheme cluster. The package puts more than 140 octets into a
 * part if a cluster of more than 32 code units meets its edge; there the parts that can be sent are counted. Takes any
 * text, in time linear in its length; a text in the GSM alphabet or of one part allocates nothing.
 * @param languages in which the text may be written if that makes fewer parts than UCS-2
 */
export function countParts(text: string, languages: readonly NationalLanguage[] = NONE): number {
  // Most texts: GSM takes at most two septets a code unit.
  if (text.length <= CAPACITY.ucs2.alone) return 1;
  const septets = countSeptets(text);
  const encoding = septets < 0 ? "ucs2" : "gsm7";
  if ((septets < 0 ? text.length : septets) <= CAPACITY[encoding].alone) return 1;
  let parts = 0;
  for (let from = 0; from < text.length; parts++) from = partEnd(text, from, encoding, CAPACITY[encoding].udh8);
  if (encoding === "gsm7" || languages.length === 0) return parts;
  return fewestParts(text, languages, parts)?.parts ?? parts;
}

const NONE: readonly NationalLanguage[] = [];

/** The parts of a text with room for a concatenation header with an 8-bit reference; as many as are counted. */
export function segment(text: string): Segments {
  return split(text, "udh8");
}

/** The same for a 16-bit reference. These may be more parts than are counted, because each holds one octet less. */
export function segment16(text: string): Segments {
  return split(text, "udh16");
}

function split(text: string, header: "udh8" | "udh16"): Segments {
  const septets = countSeptets(text);
  const encoding = septets < 0 ? "ucs2" : "gsm7";
  const encode = septets < 0 ? encodeUcs2 : encodeGsm;
  if ((septets < 0 ? text.length : septets) <= CAPACITY[encoding].alone) return { encoding, parts: [encode(text)] };
  const parts: Buffer[] = [];
  for (let from = 0; from < text.length; ) {
    const end = partEnd(text, from, encoding, CAPACITY[encoding][header]);
    parts.push(encode(text.slice(from, end)));
    from = end;
  }
  return { encoding, parts };
}

/**
 * The texts of a message's parts, to write in a carrier's own alphabet: cut as they are counted, as GSM if that has the
 * text, unless it goes as UCS-2.
 */
export function textPieces(text: string, header: "udh8" | "udh16", ucs2: boolean): string[] {
  const septets = ucs2 ? -1 : countSeptets(text);
  const encoding = septets < 0 ? "ucs2" : "gsm7";
  if ((septets < 0 ? text.length : septets) <= CAPACITY[encoding].alone) return [text];
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = partEnd(text, from, encoding, CAPACITY[encoding][header]);
    pieces.push(text.slice(from, end));
    from = end;
  }
  return pieces;
}

/** The index just behind the part that begins at `from`. */
function partEnd(text: string, from: number, encoding: Encoding, capacity: number): number {
  return encoding === "gsm7" ? gsmPartEnd(text, from, capacity) : ucs2PartEnd(text, from, capacity);
}

/** An escape stays with the septet that it escapes. */
function gsmPartEnd(text: string, from: number, capacity: number): number {
  let septets = 0;
  for (let end = from; end < text.length; end++) {
    septets += septetCost(text.charCodeAt(end));
    if (septets > capacity) return end;
  }
  return text.length;
}

/** A grapheme cluster stays together, unless it is longer than a part; a pair of surrogates always does. */
function ucs2PartEnd(text: string, from: number, capacity: number): number {
  const full = from + capacity;
  if (text.length <= full) return text.length;
  if (isPlainBoundary(text, full)) return full;
  let end = from;
  while (end < full) {
    const next = clusterEnd(text, end, full + 1);
    if (next > full) break;
    end = next;
  }
  if (end > from) return end;
  return text.codePointAt(full - 1)! > 0xffff ? full - 1 : full;
}
