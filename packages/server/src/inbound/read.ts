import { readConcatenation, readUserData } from "@messaging-plus/smpp";
import type { Delivery } from "../carriers/carrier.ts";
import type { RcsAnswer } from "../message/inbound.ts";
import type { InboundName } from "../store/handsets/told-inbound.ts";
import { type CodedText, markedAsCut, readNationalLanguage } from "./decode.ts";

/** The long message of a part. Parts belong together only if all of it is the same. */
export interface LongMessage {
  /** Digits. */
  handset: string;
  /** Digits of our number. */
  number: string;
  /** The reference's bits in the user data header (3GPP TS 23.040 §9.2.3.24); 0 if it is in SAR TLVs. */
  kind: 0 | 8 | 16;
  reference: number;
  total: number;
}

/** Of what came over RCS: the content, and the number of the carrier to whose agent it was sent. */
export interface ToAgent {
  carrier: number;
  rcs: RcsAnswer;
}

/** A deliver_sm or data_sm from a handset, or its equal over RCS. */
export interface InboundPart extends CodedText {
  handset: string;
  number: string;
  toAgent: ToAgent | null;
  /** The carrier's id of it, under which a repetition is passed on once. */
  name?: InboundName;
  /** Its number in a long message; null for a whole message. */
  part: (LongMessage & { sequence: number }) | null;
}

/** A whole text from a handset. */
export interface InboundText extends Pick<InboundPart, "handset" | "number" | "toAgent"> {
  text: string;
}

/** esm_class with the UDH indicator (SMPP 3.4 §5.2.12). */
const UDHI = 0x40;

/** Null if an address is no number: its owner cannot be found, or nobody could answer. */
export function readInbound(delivery: Delivery): InboundPart | null {
  const { source, destination, esmClass, dataCoding, body, tlvs } = delivery;
  const [handset, number] = [digitsOf(source), digitsOf(destination)];
  if (handset === null || number === null) return null;
  // A header whose lengths do not add up is none: the octets are passed on as they came.
  const userData = (esmClass & UDHI) === 0 ? undefined : readUserData(body);
  const elements = userData?.elements ?? [];
  const concatenation = readConcatenation(elements);
  const coded = readNationalLanguage({ dataCoding, octets: userData?.text ?? body }, elements);
  const whole = { handset, number, toAgent: null, ...(delivery.bodyDoubtful === true ? markedAsCut(coded) : coded) };
  if (concatenation !== undefined) {
    const { referenceBits: kind, ...rest } = concatenation;
    return { ...whole, part: rest.total === 1 ? null : { handset, number, kind, ...rest } };
  }
  const { sar_msg_ref_num: reference, sar_total_segments: total = 0, sar_segment_seqnum: sequence = 0 } = tlvs;
  const sound = reference !== undefined && total > 1 && sequence >= 1 && sequence <= total;
  return { ...whole, part: sound ? { handset, number, kind: 0, reference, total, sequence } : null };
}

/** The same of what a handset sent to the agent of a carrier. @param carrier its number */
export function readRcs(delivery: Delivery, rcs: RcsAnswer, carrier: number): InboundPart | null {
  const { source, destination: number, dataCoding, body: octets } = delivery;
  const handset = digitsOf(source);
  return handset === null ? null : { handset, number, toAgent: { carrier, rcs }, dataCoding, octets, part: null };
}

/** A number in any of SMPP's forms: with a `+`, with the `00` that some carriers write for it, or bare. */
function digitsOf(address: string): string | null {
  return /^(?:\+|00)?(\d{1,15})$/.exec(address)?.[1] ?? null;
}
