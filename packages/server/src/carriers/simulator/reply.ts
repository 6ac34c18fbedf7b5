import {
  type Concatenation,
  concatenationUdh8,
  type Fields,
  readConcatenation,
  readUserData,
  type SubmitSm,
} from "@messaging-plus/smpp";
import { dataCoding, segment } from "../../message/segment.ts";
import { isAnswerable } from "../../message/sender-id.ts";

/** esm_class with the UDH indicator (SMPP 3.4 §5.2.12). */
const UDHI = 0x40;

/** The octets of a submit's text, in either field. */
export function bodyOf({ short_message, tlvs }: Pick<SubmitSm, "short_message" | "tlvs">): Buffer {
  return short_message.length > 0 ? short_message : (tlvs.message_payload ?? short_message);
}

/** The number of a part of a long message, by its header or by the TLVs sar_* (SMPP 3.4 §5.3.2.22 to 24). */
export function partOf(submit: Pick<SubmitSm, "esm_class" | "short_message" | "tlvs">): Concatenation | undefined {
  if ((submit.esm_class & UDHI) !== 0) return readConcatenation(readUserData(bodyOf(submit))?.elements ?? []);
  const { sar_msg_ref_num: reference, sar_total_segments: total, sar_segment_seqnum: sequence } = submit.tlvs;
  if (reference === undefined || total === undefined || sequence === undefined) return undefined;
  return sequence >= 1 && sequence <= total ? { reference, referenceBits: 16, total, sequence } : undefined;
}

/** Whether the handset has the whole message with this submit: it answers a long one once, after its last part. */
export function isWhole(submit: Pick<SubmitSm, "esm_class" | "short_message" | "tlvs">): boolean {
  const part = partOf(submit);
  return part === undefined || part.sequence === part.total;
}

/** The deliver_sm of each part of a handset's answer; none to a sender that is a name. */
export function replyFields(handset: string, to: string, text: string, reference: number): Fields<"deliver_sm">[] {
  if (!isAnswerable(to)) return [];
  const { encoding, parts } = segment(text);
  return parts.map((part, index) => {
    const header = parts.length === 1 ? [] : [concatenationUdh8(reference, parts.length, index + 1)];
    return {
      source_addr_ton: 1,
      source_addr_npi: 1,
      source_addr: handset,
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: to,
      esm_class: parts.length === 1 ? 0 : UDHI,
      data_coding: dataCoding(encoding),
      short_message: Buffer.concat([...header, part]),
    };
  });
}
