import { concatenationUdh8, type Fields, readConcatenation, readUserData, type SubmitSm } from "@messaging-plus/smpp";
import { dataCoding, segment } from "../../message/segment.ts";
import { isAnswerable } from "../../message/sender-id.ts";

/** esm_class with the UDH indicator (SMPP 3.4 §5.2.12). */
const UDHI = 0x40;

/** Whether a handset that got this has the whole message: it answers a long one once, after its last part. */
export function isWhole({ esm_class, short_message }: Pick<SubmitSm, "esm_class" | "short_message">): boolean {
  if ((esm_class & UDHI) === 0) return true;
  const part = readConcatenation(readUserData(short_message)?.elements ?? []);
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
