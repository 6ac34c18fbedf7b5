/**
 * The two alphabets of a short message, 3GPP TS 23.038: the GSM 7-bit default alphabet (§6.2.1) with its extension
 * table (§6.2.1.1), and UCS-2 (§6.2.3), in practice UTF-16.
 *
 * A GSM text is held unpacked, one septet in an octet, as SMPP carries it; packing is the SMSC's business.
 */

/** Switches to the extension table for the one septet that follows. */
export const ESCAPE = 0x1b;

/** §6.2.1, in the order of the septets 0x00–0x7F. The place of the escape (0x1B) holds the space that a handset shows. */
const DEFAULT_ALPHABET =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/** §6.2.1.1: the characters after the escape. */
const EXTENSION: readonly (readonly [character: string, septet: number])[] = [
  ["\f", 0x0a],
  ["^", 0x14],
  ["{", 0x28],
  ["}", 0x29],
  ["\\", 0x2f],
  ["[", 0x3c],
  ["~", 0x3d],
  ["]", 0x3e],
  ["|", 0x40],
  ["€", 0x65],
];

/** No character of either table is above this one, the euro sign; the look-up tables end here. */
const LAST_CODE_UNIT = 0x20ac;

/** Septet by UTF-16 code unit; an extension character has the escape in its high octet. */
const SEPTETS = new Uint16Array(LAST_CODE_UNIT + 1);
/** Septets of a code unit: 0 outside GSM, 1, or 2 with its escape. */
const COST = new Uint8Array(LAST_CODE_UNIT + 1);

/** Tables to read septets: the alphabet in their order, and the characters after an escape by septet. */
export interface GsmTables {
  readonly alphabet: string;
  readonly extension: ReadonlyMap<number, string>;
}

export const DEFAULT_TABLES: GsmTables = {
  alphabet: DEFAULT_ALPHABET,
  extension: new Map(EXTENSION.map(([character, septet]) => [septet, character])),
};

for (let septet = 0; septet < DEFAULT_ALPHABET.length; septet++) {
  if (septet === ESCAPE) continue;
  const unit = DEFAULT_ALPHABET.charCodeAt(septet);
  SEPTETS[unit] = septet;
  COST[unit] = 1;
}
for (const [character, septet] of EXTENSION) {
  const unit = character.charCodeAt(0);
  SEPTETS[unit] = (ESCAPE << 8) | septet;
  COST[unit] = 2;
}

/** Septets of a UTF-16 code unit: 0 if neither GSM table has it, 2 if it needs the escape. */
export function septetCost(codeUnit: number): number {
  return codeUnit > LAST_CODE_UNIT ? 0 : COST[codeUnit]!;
}

/** Septets of a text, or -1 if neither GSM table has one of its characters. */
export function countSeptets(text: string): number {
  let septets = 0;
  for (let i = 0; i < text.length; i++) {
    const cost = septetCost(text.charCodeAt(i));
    if (cost === 0) return -1;
    septets += cost;
  }
  return septets;
}

/** True when every character is in the default alphabet or its extension table. */
export function isGsm(text: string): boolean {
  return countSeptets(text) >= 0;
}

/**
 * One septet per octet, extension characters after an escape.
 * @throws RangeError if a character is not GSM: ask `isGsm` first
 */
export function encodeGsm(text: string): Buffer {
  const septets = countSeptets(text);
  if (septets < 0) throw new RangeError("a character of the text is not in the GSM alphabet");
  const bytes = Buffer.allocUnsafe(septets);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const septet = SEPTETS[text.charCodeAt(i)]!;
    if (septet > 0x7f) bytes[at++] = ESCAPE;
    bytes[at++] = septet & 0x7f;
  }
  return bytes;
}

/**
 * Reads any octets, ignoring the high bit. A septet that the extension table lacks is read from the alphabet, and an escape
 * with nothing to escape is a space (§6.2.1, §6.2.1.1, §6.2.1.2.2).
 */
export function decodeGsm(bytes: Uint8Array, { alphabet, extension } = DEFAULT_TABLES): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    const septet = bytes[i]! & 0x7f;
    if (septet !== ESCAPE || i + 1 === bytes.length) {
      text += alphabet[septet]!;
      continue;
    }
    const escaped = bytes[++i]! & 0x7f;
    text += extension.get(escaped) ?? alphabet[escaped]!;
  }
  return text;
}

/** UTF-16, big-endian, no byte order mark. */
export function encodeUcs2(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

/** Reads UTF-16, big-endian; half a character at the end is dropped. */
export function decodeUcs2(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString("utf16le");
}
