import { concatenationUdh8, concatenationUdh16, type Fields, formatRelativeTime } from "@messaging-plus/smpp";
import type { CodedContent } from "../message/coded-content.ts";
import { encodeGsm, encodeUcs2, isGsm } from "../message/gsm.ts";
import type { NationalLanguage } from "../message/national-languages.ts";
import { type NumberFormat, writtenNumber } from "../message/number-format.ts";
import { type Encoding, segment, segment16, textPieces } from "../message/segment.ts";
import { type SenderEncoding, senderAddress, writtenSender } from "../message/sender-id.ts";
import { type Shift, shiftedParts, shiftOf } from "../message/shift.ts";
import { rememberingLast } from "../runtime/remembered.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { type TextCodings, textCoding } from "./text-coding.ts";

/** A carrier's settings for its submits. */
export interface SubmitForm extends TextCodings {
  longMessages: "udh8" | "udh16" | "payload";
  senderEncoding: SenderEncoding;
  /** Languages that its handsets understand. */
  nationalLanguages: readonly NationalLanguage[];
  sourceTon: number | "auto";
  sourceNpi: number | "auto";
  destinationTon: number | "auto";
  destinationNpi: number | "auto";
  destinationFormat: NumberFormat;
}

/** esm_class with the UDH indicator (SMPP 3.4 §5.2.12). */
const UDHI = 0x40;
/** Asks for a receipt of success and of failure (§5.2.17); and for intermediate notifications too. */
const FINAL_RECEIPT = 0x01;
const EVERY_RECEIPT = 0x11;
/** short_message beside a message_payload (§5.3.2.32). */
const NOTHING = Buffer.alloc(0);

const REJECTED = "56";
const MALFORMED = "52";
/** Type of number and numbering plan of a destination (§5.2.5, §5.2.6). */
const INTERNATIONAL = 1;
const NATIONAL = 2;
const E164 = 1;

/** The last result is kept: all messages of a batch have one text, and most of an account one sender. */
const segmented = rememberingLast(segment);
const addressOf = rememberingLast(senderAddress);

/** No carrier of this kind can send this message; it fails with the receipt code `code`. */
export class Unsendable extends Error {
  override readonly name = "Unsendable";
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/**
 * The submit_sm of each part of a message (SMPP 3.4 §4.4.1).
 * @param reference joins the parts of one message at the handset (3GPP TS 23.040 §9.2.3.24)
 * @throws Unsendable if its sender cannot be written
 */
export function submitFields(
  message: WaitingMessage,
  form: SubmitForm,
  reference: number,
  now: number,
): Fields<"submit_sm">[] {
  const { longMessages, senderEncoding, nationalLanguages, dataCodings } = form;
  const source = addressOf(message.sender);
  const destination = writtenNumber(message.destination, form.destinationFormat);
  const source_addr_ton = form.sourceTon === "auto" ? source.ton : form.sourceTon;
  const source_addr_npi = form.sourceNpi === "auto" ? source.npi : form.sourceNpi;
  const ton = destination.national ? NATIONAL : INTERNATIONAL;
  const dest_addr_ton = form.destinationTon === "auto" ? ton : form.destinationTon;
  const dest_addr_npi = form.destinationNpi === "auto" ? E164 : form.destinationNpi;
  const source_addr = writtenSender(source.address, senderEncoding);
  if (source_addr === null) throw new Unsendable(REJECTED, "the sender has letters that no carrier can be told");
  const { deliverBy = message.expiresAt } = message;
  const { body, coded } = message;
  const registered_delivery = coded?.intermediate === true ? EVERY_RECEIPT : FINAL_RECEIPT;
  const validity_period = formatRelativeTime(Math.max(1, Math.ceil((deliverBy - now) / 1_000)));
  // Written out in one literal: spreading the common fields into each cost 2 µs a message more.
  const submit = (data_coding: number, esm_class: number, short_message: Buffer): Fields<"submit_sm"> => ({
    source_addr_ton,
    source_addr_npi,
    source_addr,
    dest_addr_ton,
    dest_addr_npi,
    destination_addr: destination.address,
    esm_class,
    validity_period,
    registered_delivery,
    data_coding,
    short_message,
  });
  if (coded !== undefined && coded.octets !== null) {
    const { dataCoding, esmClass, octets } = coded;
    return [withRest(submit(dataCoding, esmClass, Buffer.from(octets, "hex")), coded)];
  }
  let codings: Record<Encoding, number>;
  if (coded !== undefined && coded.dataCoding !== 0) codings = grouped(coded);
  else {
    const { alphabet, latin1, ucs2 } = dataCodings;
    if (form.alphabet !== "gsm" || alphabet === null || latin1 !== null || ucs2 === null)
      return inOwnCoding(message, form, reference, submit);
    codings = { gsm7: alphabet, ucs2 };
  }
  if (message.parts > 1 && longMessages === "payload") {
    const gsm = isGsm(body);
    const message_payload = gsm ? encodeGsm(body) : encodeUcs2(body);
    return [{ ...submit(codings[gsm ? "gsm7" : "ucs2"], 0, NOTHING), tlvs: { message_payload } }];
  }
  const { encoding, parts } = longMessages === "udh16" ? segment16(body) : segmented(body);
  const header = longMessages === "udh16" ? concatenationUdh16 : concatenationUdh8;
  // It was counted as a text in a national language.
  if (encoding === "ucs2" && parts.length > message.parts && nationalLanguages.length > 0) {
    const shift = shiftFor(body, nationalLanguages, message.parts);
    if (shift !== null) {
      const shifted = shiftedParts(body, shift, longMessages === "udh16" ? "udh16" : "udh8");
      return shifted.map((part, index) => {
        const udh = shifted.length === 1 ? NO_HEADER : header(reference, shifted.length, index + 1);
        return submit(codings.gsm7, UDHI, Buffer.concat([withShift(udh, shift), part]));
      });
    }
  }
  const data_coding = codings[encoding];
  if (parts.length === 1) return [submit(data_coding, 0, parts[0] as Buffer)];
  return parts.map((part, index) =>
    submit(data_coding, UDHI, Buffer.concat([header(reference, parts.length, index + 1), part])),
  );
}

/** For a carrier with an alphabet or codings other than the default. */
function inOwnCoding(
  { body }: WaitingMessage,
  form: SubmitForm,
  reference: number,
  submit: (data_coding: number, esm_class: number, short_message: Buffer) => Fields<"submit_sm">,
): Fields<"submit_sm">[] {
  const coding = textCoding(body, form);
  if (coding === null) throw new Unsendable(MALFORMED, "the carrier has no coding for the text");
  const { dataCoding } = coding;
  const pieces = textPieces(body, form.longMessages === "udh16" ? "udh16" : "udh8", coding.ucs2);
  if (pieces.length === 1) return [submit(dataCoding, 0, coding.octets(body, 0))];
  if (form.longMessages === "payload")
    return [{ ...submit(dataCoding, 0, NOTHING), tlvs: { message_payload: coding.octets(body, 0) } }];
  const header = form.longMessages === "udh16" ? concatenationUdh16 : concatenationUdh8;
  return pieces.map((piece, index) => {
    const udh = header(reference, pieces.length, index + 1);
    return submit(dataCoding, UDHI, Buffer.concat([udh, coding.octets(piece, udh.length)]));
  });
}

/** With the fields of a coded message beside its octets. */
function withRest(fields: Fields<"submit_sm">, { protocolId: protocol_id, sar }: CodedContent): Fields<"submit_sm"> {
  if (sar === null) return { ...fields, protocol_id };
  const [sar_msg_ref_num, sar_total_segments, sar_segment_seqnum] = sar;
  return { ...fields, protocol_id, tlvs: { ...fields.tlvs, sar_msg_ref_num, sar_total_segments, sar_segment_seqnum } };
}

/** The data_codings of a text with its sender's message class, or kind of message waiting (3GPP TS 23.038 §4). */
function grouped({ dataCoding }: CodedContent): Record<Encoding, number> {
  const [group, waiting, messageClass] = [dataCoding & 0xf0, dataCoding & 0x0f, dataCoding & 0x03];
  // To be discarded, or stored in the GSM alphabet or UCS-2.
  if (group >= 0xc0 && group <= 0xe0) return { gsm7: (group === 0xe0 ? 0xd0 : group) | waiting, ucs2: 0xe0 | waiting };
  return { gsm7: (group === 0xf0 ? group : 0x10) | messageClass, ucs2: 0x18 | messageClass };
}

let last: { body: string; languages: readonly NationalLanguage[]; parts: number; shift: Shift | null } | null = null;

/** `shiftOf`, with its last result kept. */
function shiftFor(body: string, languages: readonly NationalLanguage[], parts: number): Shift | null {
  if (last?.body !== body || last.languages !== languages || last.parts !== parts)
    last = { body, languages, parts, shift: shiftOf(body, languages, parts) };
  return last.shift;
}

/** A user data header without an element. */
const NO_HEADER = Buffer.from([0]);

/** The header, with the elements that name the tables after its own. */
function withShift(udh: Buffer, { elements }: Shift): Buffer {
  return Buffer.concat([Buffer.from([udh.length - 1 + elements.length]), udh.subarray(1), elements]);
}
