import { concatenationUdh8, esmClass } from "@messaging-plus/smpp";
import { dataCoding, segment } from "../../message/segment.ts";
import type { DeliverText } from "./receipt.ts";

const LONGEST_ADDRESS = 20;
/** Type of number (§5.2.5). */
const ALPHANUMERIC = 5;

/** The deliver_sm of each part of a message from a handset. @param body its webhook's */
export function inboundPdus(body: string): DeliverText[] {
  const { from, to, message, mo_uuid } = JSON.parse(body) as {
    from: number;
    to: string;
    message: string;
    mo_uuid: string;
  };
  const isNumber = /^\d+$/.test(to);
  const { encoding, parts } = segment(message);
  // The same on every try, so that parts of two tries fit together.
  const reference = Number.parseInt(mo_uuid.slice(-2), 16);
  return parts.map((part, index) => ({
    source_addr: String(from),
    source_addr_ton: 1,
    source_addr_npi: 1,
    // Over RCS it may be a name: of a sender, or of an agent, which may be longer than an address (SMPP 3.4 §5.2.9).
    destination_addr: to.slice(0, LONGEST_ADDRESS),
    dest_addr_ton: isNumber ? 1 : ALPHANUMERIC,
    dest_addr_npi: isNumber ? 1 : 0,
    esm_class: parts.length === 1 ? 0 : esmClass.UDHI,
    data_coding: dataCoding(encoding),
    short_message: octets(part, reference, parts.length, index + 1).toString("latin1"),
    tlvs: {},
  }));
}

function octets(part: Buffer, reference: number, total: number, sequence: number): Buffer {
  return total === 1 ? part : Buffer.concat([concatenationUdh8(reference, total, sequence), part]);
}
