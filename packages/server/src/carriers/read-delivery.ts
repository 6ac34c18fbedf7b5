import type { DataSm, DeliverSm } from "@messaging-plus/smpp";
import { type NumberFormat, readNumber } from "../message/number-format.ts";
import type { Delivery } from "./carrier.ts";
import { standardText, type TextCodings } from "./text-coding.ts";

/** The carrier's forms of numbers and texts. */
export interface InboundForm extends TextCodings {
  inboundNumbers: NumberFormat;
}

/**
 * The fields of a deliver_sm or data_sm that the stages read (SMPP 3.4 §4.6, §4.7; of the TLVs §5.3.2.12, §5.3.2.17,
 * §5.3.2.22–24, §5.3.2.31 and §5.3.2.35). Field by field: put together from parts it took 0.5 µs a receipt.
 */
export function readDelivery(pdu: DeliverSm | DataSm, form: InboundForm): Delivery {
  const { tlvs } = pdu;
  const error = tlvs.network_error_code;
  const short = pdu.command === "deliver_sm" ? pdu.short_message : EMPTY;
  const octets = tlvs.message_payload !== undefined && short.every(isNul) ? tlvs.message_payload : short;
  const { dataCoding, body } = standardText(pdu.data_coding, pdu.esm_class, octets, form);
  return {
    source: readNumber(pdu.source_addr, form.inboundNumbers),
    destination: readNumber(pdu.destination_addr, form.inboundNumbers),
    esmClass: pdu.esm_class,
    dataCoding,
    body,
    bodyDoubtful: tlvs.textDoubtful === true,
    dropped: tlvs.dropped ?? 0,
    tlvs: {
      receipted_message_id: tlvs.receipted_message_id,
      message_state: tlvs.message_state,
      network_error_code: error === undefined ? undefined : { type: error.network_type, code: error.error_code },
      user_message_reference: tlvs.user_message_reference,
      sar_msg_ref_num: tlvs.sar_msg_ref_num,
      sar_total_segments: tlvs.sar_total_segments,
      sar_segment_seqnum: tlvs.sar_segment_seqnum,
    },
  };
}

/** Some carriers fill short_message with NULs when the text is in message_payload. */
const isNul = (octet: number): boolean => octet === 0;
const EMPTY = Buffer.alloc(0);
