import { type Concatenation, type Fields, readConcatenation, readUserData, type SubmitSm } from "@messaging-plus/smpp";

/** data_coding of UCS-2, and esm_class of a PDU with a user data header and of a receipt (SMPP 3.4 §5.2.19, §5.2.12). */
const UCS2 = 0x08;
const UDHI = 0x40;
const RECEIPT = 0x04;

/** What a receipt says in SMPP 3.4 appendix B's text. */
export interface ReceiptText {
  id: string;
  /** Default: DELIVRD. */
  stat?: string;
  /** Default: 000. */
  err?: string;
}

export function receiptText({ id, stat = "DELIVRD", err = "000" }: ReceiptText): Buffer {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:${stat} err:${err} text:`;
  return Buffer.from(text, "latin1");
}

/** A receipt as most carriers send it: from the handset, with its text in short_message. */
export function receiptFields(handset: string, text: ReceiptText): Fields<"deliver_sm"> {
  return {
    source_addr_ton: 1,
    source_addr_npi: 1,
    source_addr: handset,
    esm_class: RECEIPT,
    short_message: receiptText(text),
  };
}

/** The short message of a submit without its user data header, in characters, and which part of how many it is. */
export function readSubmit(pdu: SubmitSm): { text: string; part: Concatenation | undefined } {
  const octets = pdu.tlvs.message_payload ?? pdu.short_message;
  const userData = (pdu.esm_class & UDHI) === 0 ? undefined : readUserData(octets);
  const body = userData?.text ?? octets;
  // Copied before it is swapped: the octets are the parser's.
  const text = pdu.data_coding === UCS2 ? Buffer.from(body).swap16().toString("utf16le") : body.toString("latin1");
  return { text, part: readConcatenation(userData?.elements ?? []) };
}
