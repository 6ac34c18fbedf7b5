import { concatenationUdh8, concatenationUdh16, esmClass, type Fields } from "@messaging-plus/smpp";
import { type TextCodings, textCoding } from "../../carriers/text-coding.ts";
import { textPieces } from "../../message/segment.ts";
import { senderAddress, writtenSender } from "../../message/sender-id.ts";
import type { EsmeMessages } from "./esme-options.ts";

/** Parts that a header or the TLVs can number. */
const MOST_PARTS = 255;

/**
 * The submits of `count` messages: one for each part.
 * @throws RangeError if the sender or a text cannot be written
 */
export function* submitsOf(options: EsmeMessages): Generator<Fields<"submit_sm">> {
  const { from, to, texts, count, registeredDelivery: registered_delivery } = options;
  const { ton: source_addr_ton, npi: source_addr_npi, address } = senderAddress(from);
  const source_addr = writtenSender(address, "latin1");
  if (source_addr === null) throw new RangeError(`${JSON.stringify(from)} cannot be written as a source_addr`);
  const source = { source_addr_ton, source_addr_npi, source_addr };
  for (let index = 0; index < count; index++) {
    const destination = { dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: to[index % to.length] as string };
    const text = (texts[index % texts.length] as string).replaceAll("{n}", String(index + 1));
    for (const part of partsOf(text, index, options)) yield { ...source, ...destination, registered_delivery, ...part };
  }
}

function partsOf(text: string, reference: number, { dataCoding, alphabet, long }: EsmeMessages): Fields<"submit_sm">[] {
  const coding = textCoding(text, codingsOf(dataCoding, alphabet));
  if (coding === null) throw new RangeError(`data_coding ${dataCoding} has no room for ${JSON.stringify(text)}`);
  const { dataCoding: data_coding } = coding;
  const pieces = textPieces(text, long === "udh16" ? "udh16" : "udh8", coding.ucs2);
  const total = pieces.length;
  if (total === 1) return [{ data_coding, short_message: coding.octets(text, 0) }];
  if (long === "payload") return [{ data_coding, tlvs: { message_payload: coding.octets(text, 0) } }];
  if (total > MOST_PARTS) throw new RangeError(`a text takes ${total} parts, more than the ${MOST_PARTS} of a message`);
  const udh = long === "udh16" ? concatenationUdh16 : concatenationUdh8;
  return pieces.map((piece, index) => {
    const octets = coding.octets(piece, 0);
    if (long !== "sar") {
      const short_message = Buffer.concat([udh(reference, total, index + 1), octets]);
      return { data_coding, esm_class: esmClass.UDHI, short_message };
    }
    const sar = { sar_msg_ref_num: reference & 0xffff, sar_total_segments: total, sar_segment_seqnum: index + 1 };
    return { data_coding, short_message: octets, tlvs: sar };
  });
}

function codingsOf(dataCoding: EsmeMessages["dataCoding"], alphabet: EsmeMessages["alphabet"]): TextCodings {
  const none = { alphabet: null, latin1: null, ucs2: null };
  switch (dataCoding) {
    case "auto":
      return { alphabet, dataCodings: { ...none, alphabet: 0, ucs2: 8 } };
    case "0":
      return { alphabet, dataCodings: { ...none, alphabet: 0 } };
    case "1":
      return { alphabet: "ascii", dataCodings: { ...none, alphabet: 1 } };
    case "3":
      return { alphabet, dataCodings: { ...none, latin1: 3 } };
    case "8":
      return { alphabet, dataCodings: { ...none, ucs2: 8 } };
  }
}
