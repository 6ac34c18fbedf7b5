/** Optional parameters of SMPP (3.4 §3.2.4.1) that the operator or a message adds to its submits. */

/** By tag, `0x1400` and the like: a text, whose octets are its UTF-8, or octets in hexadecimal. */
export type TlvValues = Readonly<Record<string, string | { readonly hex: string }>>;

export interface TlvOctets {
  tag: number;
  value: Buffer;
}

/** A tag as it is written: four hexadecimal digits. */
export const TLV_TAG = "^0x[0-9A-Fa-f]{4}$";
export const TLV_HEX = "^([0-9A-Fa-f]{2}){0,255}$";
/** Most octets of one value. */
export const LONGEST_TLV = 255;
/** Most of one message. */
export const MOST_TLVS = 16;

/**
 * Tags that the program sets in a submit: user_message_reference, sar_msg_ref_num, sar_total_segments, sar_segment_seqnum
 * and message_payload (§5.3.2.17, §5.3.2.22 to 24, §5.3.2.32).
 */
const OWN: ReadonlySet<number> = new Set([0x0204, 0x020c, 0x020e, 0x020f, 0x0424]);

/** The fault of each of these values, by tag; they are of the right types already. */
export function tlvFaults(values: TlvValues): { tag: string; message: string }[] {
  const seen = new Set<number>();
  return Object.entries(values).flatMap(([tag, value]) => {
    const number = Number.parseInt(tag, 16);
    const twice = seen.has(number);
    seen.add(number);
    if (twice) return [{ tag, message: "is there twice" }];
    if (OWN.has(number)) return [{ tag, message: "is a parameter that the submit has of its own" }];
    if (octetsOf(value).length > LONGEST_TLV) return [{ tag, message: `must have at most ${LONGEST_TLV} octets` }];
    return [];
  });
}

export function tlvOctets(values: TlvValues): TlvOctets[] {
  return Object.entries(values).map(([tag, value]) => ({ tag: Number.parseInt(tag, 16), value: octetsOf(value) }));
}

function octetsOf(value: string | { readonly hex: string }): Buffer {
  return typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value.hex, "hex");
}
