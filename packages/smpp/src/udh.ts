/** The user data header of a short message, 3GPP TS 23.040 §9.2.3.24; it exists if `esm_class` has UDHI. */

export interface InformationElement {
  /** Information element identifier. */
  readonly iei: number;
  readonly data: Buffer;
}

/** The message's reference and the part's number, §9.2.3.24.1 and .8. */
export interface Concatenation {
  readonly reference: number;
  /** Width of `reference`: parts belong together only if it is the same. */
  readonly referenceBits: 8 | 16;
  /** 1–255 */
  readonly total: number;
  /** 1–total */
  readonly sequence: number;
}

export interface UserData {
  readonly elements: readonly InformationElement[];
  /** The octets after the header: the text. */
  readonly text: Buffer;
}

const CONCATENATION_8 = 0x00;
const CONCATENATION_16 = 0x08;

/** Undefined if the header's lengths do not add up. Buffers share memory with `short_message`. */
export function readUserData(short_message: Buffer): UserData | undefined {
  const end = 1 + (short_message[0] ?? Number.POSITIVE_INFINITY);
  if (end > short_message.length) return undefined;
  const elements: InformationElement[] = [];
  let at = 1;
  while (at < end) {
    const iei = short_message[at] as number;
    const length = short_message[at + 1] ?? Number.POSITIVE_INFINITY;
    const next = at + 2 + length;
    if (next > end) return undefined;
    elements.push({ iei, data: short_message.subarray(at + 2, next) });
    at = next;
  }
  return { elements, text: short_message.subarray(end) };
}

/**
 * The concatenation element, or undefined. One that contradicts itself (part 0, part 3 of 2, wrong length) is ignored
 * (§9.2.3.24.1); the last of several counts (§9.2.3.24).
 */
export function readConcatenation(elements: readonly InformationElement[]): Concatenation | undefined {
  return elements.map(concatenation).findLast((found) => found !== undefined);
}

function concatenation({ iei, data }: InformationElement): Concatenation | undefined {
  const wide = iei === CONCATENATION_16 && data.length === 4;
  if (!wide && !(iei === CONCATENATION_8 && data.length === 3)) return undefined;
  const total = data.readUInt8(data.length - 2);
  const sequence = data.readUInt8(data.length - 1);
  if (sequence === 0 || sequence > total) return undefined;
  return wide
    ? { reference: data.readUInt16BE(0), referenceBits: 16, total, sequence }
    : { reference: data.readUInt8(0), referenceBits: 8, total, sequence };
}

/** The whole header (6 octets) of part `sequence` of `total`, with a reference of 0–255. */
export function concatenationUdh8(reference: number, total: number, sequence: number): Buffer {
  return Buffer.from([5, CONCATENATION_8, 3, reference & 0xff, total, sequence]);
}

/** The whole header (7 octets) of part `sequence` of `total`, with a reference of 0–65535. */
export function concatenationUdh16(reference: number, total: number, sequence: number): Buffer {
  return Buffer.from([6, CONCATENATION_16, 4, (reference >>> 8) & 0xff, reference & 0xff, total, sequence]);
}
