import type { SmppCarrierConfig } from "../config/config.ts";
import { encodeGsm, encodeUcs2, isGsm } from "../message/gsm.ts";
import { packSeptets, unpackSeptets } from "../message/septets.ts";

/** The carrier's default alphabet, and its data_codings of texts. */
export type TextCodings = Pick<SmppCarrierConfig, "alphabet" | "dataCodings">;

/** The form of one text: its data_coding, and its octets after a header of the given length. */
export interface TextCoding {
  dataCoding: number;
  /** Its characters are counted as in UCS-2. */
  ucs2: boolean;
  octets(piece: string, headerOctets: number): Buffer;
}

const NOT_ASCII = /[^\0-\x7f]/;
const NOT_LATIN1 = /[^\0-\xff]/;

/**
 * The coding in which a text goes to a carrier: its default alphabet if that has every character, else Latin-1 if the
 * carrier has a value for it, else UCS-2. Null if the carrier has none of them.
 */
export function textCoding(text: string, { alphabet, dataCodings }: TextCodings): TextCoding | null {
  if (dataCodings.alphabet !== null && has(alphabet, text))
    return {
      dataCoding: dataCodings.alphabet,
      ucs2: false,
      octets: (piece, header) => written(alphabet, piece, header),
    };
  if (dataCodings.latin1 !== null && !NOT_LATIN1.test(text))
    return { dataCoding: dataCodings.latin1, ucs2: false, octets: latin1 };
  if (dataCodings.ucs2 !== null) return { dataCoding: dataCodings.ucs2, ucs2: true, octets: encodeUcs2 };
  return null;
}

function has(alphabet: TextCodings["alphabet"], text: string): boolean {
  if (alphabet === "latin1") return !NOT_LATIN1.test(text);
  return alphabet === "ascii" ? !NOT_ASCII.test(text) : isGsm(text);
}

function written(alphabet: TextCodings["alphabet"], text: string, headerOctets: number): Buffer {
  if (alphabet === "gsm") return encodeGsm(text);
  return alphabet === "gsm-packed" ? packSeptets(encodeGsm(text), headerOctets) : latin1(text);
}

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** The values of SMPP 3.4 §5.2.19. */
const DEFAULT_ALPHABET = 0x00;
const IA5 = 0x01;
const LATIN1 = 0x03;
const UCS2 = 0x08;
/** esm_class: the UDH indicator, and the bits with the type of a deliver_sm (§5.2.12). */
const UDHI = 0x40;
const TYPE = 0x3c;

/** A text from a handset in the standard's form: its data_coding, and septets one in an octet. */
export function standardText(
  dataCoding: number,
  esmClass: number,
  body: Buffer,
  { alphabet, dataCodings }: TextCodings,
): { dataCoding: number; body: Buffer } {
  // Receipts are read unchanged.
  if ((esmClass & TYPE) !== 0) return { dataCoding, body };
  if (dataCoding === dataCodings.alphabet) {
    if (alphabet === "latin1") return { dataCoding: LATIN1, body };
    if (alphabet === "ascii") return { dataCoding: IA5, body };
    if (alphabet === "gsm") return { dataCoding: DEFAULT_ALPHABET, body };
    const header = (esmClass & UDHI) === 0 ? 0 : Math.min(body.length, (body[0] ?? -1) + 1);
    const septets = unpackSeptets(body.subarray(header), header);
    return { dataCoding: DEFAULT_ALPHABET, body: Buffer.concat([body.subarray(0, header), septets]) };
  }
  if (dataCoding === dataCodings.ucs2) return { dataCoding: UCS2, body };
  return { dataCoding: dataCoding === dataCodings.latin1 ? LATIN1 : dataCoding, body };
}
