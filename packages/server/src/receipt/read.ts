import { carrierMessageId } from "../message/carrier-message-id.ts";
import { readDate } from "../message/receipt-date.ts";
import type { ReceiptState } from "../message/story.ts";

export type { ReceiptState };

/** TLV 0x0423, SMPP 3.4 §5.3.2.31: type 3 is a GSM error. */
export interface NetworkError {
  type: number;
  code: number;
}

/** The TLVs of a receipt, SMPP 3.4 §4.6.1; ids as the TLV's octets read as Latin-1. */
export interface ReceiptTlvs {
  receipted_message_id?: string | undefined;
  message_state?: number | undefined;
  network_error_code?: NetworkError | undefined;
}

export interface ReceiptPdu {
  /** short_message or message_payload, as it came. Not decoded by data_coding: receipts copy the message's. */
  body: Uint8Array;
  esmClass: number;
  tlvs: ReceiptTlvs;
  /** source_addr: the handset, if the carrier turns the addresses round as it should. */
  source: string;
  /** destination_addr. */
  destination: string;
}

export interface Reading {
  /** As the carrier wrote it, an octet a character, without NULs and header; empty if there is none. */
  text: string;
  /** The id in the text. */
  id: string | null;
  /** receipted_message_id. If both are there, the one that matches a message is right. */
  tlvId: string | null;
  /** `stat:` as the carrier wrote it. */
  stat: string | null;
  state: ReceiptState;
  /** `err:` as the carrier wrote it: one to four characters, decimal or hexadecimal, or a word such as "null". */
  err: string | null;
  networkError: NetworkError | null;
  readonly doneAt: Date | null;
  /** The handset's number in digits: the first of the two addresses that is a number. */
  readonly handset: string | null;
}

/**
 * Whether a deliver_sm or data_sm is a receipt and not a text from a handset. Decided by esm_class (SMPP 3.4 §5.2.12): a
 * delivery receipt (0x04), a delivery acknowledgement (0x08) or an intermediate notification (0x20), with any other bits.
 * Without these only by receipted_message_id, which no handset can set. Never by the text, which any handset can write; so
 * a user acknowledgement (0x10), which carries a person's answer, is a receipt only with the TLV.
 */
export function isReceipt({ esmClass, tlvs }: Pick<ReceiptPdu, "esmClass" | "tlvs">): boolean {
  const isMarked = (esmClass & 0x24) !== 0 || (esmClass & 0x3c) === 0x08;
  return isMarked || carrierMessageId(tlvs.receipted_message_id ?? "") !== null;
}

/** Reads a receipt in any carrier's form, in time linear in its length. Never throws. */
export function readReceipt({ body, esmClass, tlvs, source, destination }: Readonly<ReceiptPdu>): Reading {
  const text = textOf(body, esmClass);
  return new Read(text, readFields(text), tlvs, source, destination);
}

/** Fields that not every reader needs are read on demand. */
class Read implements Reading {
  readonly text: string;
  readonly id: string | null;
  readonly tlvId: string | null;
  readonly stat: string | null;
  readonly state: ReceiptState;
  readonly err: string | null;
  readonly networkError: NetworkError | null;
  readonly #done: string;
  readonly #source: string;
  readonly #destination: string;

  constructor(text: string, { id, stat, err, done }: Fields, tlvs: ReceiptTlvs, source: string, destination: string) {
    this.text = text;
    this.id = carrierMessageId(id);
    this.tlvId = carrierMessageId(tlvs.receipted_message_id ?? "");
    this.stat = stat || null;
    this.state = moreFinal(stateOfText(stat), stateOfTlv(tlvs.message_state));
    this.err = err || null;
    this.networkError = tlvs.network_error_code ?? null;
    this.#done = done;
    this.#source = source;
    this.#destination = destination;
  }

  get doneAt(): Date | null {
    return readDate(this.#done);
  }

  get handset(): string | null {
    return numberOf(this.#source) ?? numberOf(this.#destination);
  }
}

/** Latin-1 without NULs, and without the user data header that esm_class 0x40 announces. */
function textOf(body: Uint8Array, esmClass: number): string {
  const octets = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // 0x44 also comes without any header; a text does not begin with a control character.
  const header = (esmClass & 0x40) !== 0 && octets.length > 0 && octets[0]! < 0x20 ? octets[0]! + 1 : 0;
  const text = octets.toString("latin1", header);
  return text.includes("\0") ? text.replaceAll("\0", "") : text;
}

interface Fields {
  id: string;
  stat: string;
  err: string;
  done: string;
}

/**
 * The form of SMPP 3.4, appendix B, of nearly all receipts, in one expression instead of eight. If it has all of these
 * fields, nothing after "text:" counts.
 */
const USUAL =
  /^id:([\w-]{1,64}) sub:\d{3} dlvrd:\d{3} submit date:\d{10,12} done date:(\d{10,12}) stat:([A-Z]{1,16}) err:(\w{1,4}) text:/;

/** Every label that ends the value before it. `msgid:` and `x-id:` are other labels. */
const LABEL = /(?<![\w.-])(?:id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text):/gi;

/**
 * The values of the labels, empty if missing. The first of a label wins. After a text that is not empty there are no more
 * labels, only the customer's words. (A text is empty if white space and a label follow.)
 */
function readFields(text: string): Fields {
  const usual = USUAL.exec(text);
  if (usual !== null) {
    return { id: usual[1] as string, done: usual[2] as string, stat: usual[3] as string, err: usual[4] as string };
  }
  const fields: Fields = { id: "", done: "", stat: "", err: "" };
  let label = "";
  let valueAt = 0;
  LABEL.lastIndex = 0;
  for (let match = LABEL.exec(text); match !== null; match = LABEL.exec(text)) {
    const value = text.slice(valueAt, match.index);
    if (label === "text:" && (value === "" || value.trim() !== "")) return fields;
    assign(fields, label, value);
    label = match[0].toLowerCase();
    valueAt = LABEL.lastIndex;
  }
  assign(fields, label, text.slice(valueAt));
  return fields;
}

function assign(fields: Fields, label: string, value: string): void {
  switch (label) {
    case "id:":
      fields.id ||= firstWord(value);
      break;
    case "stat:":
      fields.stat ||= firstWord(value);
      break;
    case "err:":
      fields.err ||= firstWord(value);
      break;
    default:
      if (label.startsWith("done")) fields.done ||= DATE.exec(value)?.[1] ?? "";
  }
}

/** No value of a receipt is longer; a longer one is none. */
const LONGEST_VALUE = 255;
const WORD = /^\s*([^\s,;|]+)/;
/** A word, with the time of day if a space parts it from its date. */
const DATE = /^\s*([^\s,;|]+(?: \d\d:\d\d(?::\d\d)?)?)/;

/** Up to white space or a separator. A word with a colon, after white space, is an unknown label: the value is empty. */
function firstWord(value: string): string {
  const word = WORD.exec(value)?.[1] ?? "";
  const isLabel = word.includes(":") && !value.startsWith(word);
  return isLabel || word.length > LONGEST_VALUE ? "" : word;
}

function numberOf(address: string): string | null {
  return /^\+?(\d{7,15})$/.exec(address)?.[1] ?? null;
}

/** Only known words mean delivered; of the others, carriers make variants (DND_REJECTED). */
const DELIVERED = new Set(["DELIVRD", "DELIVERD", "DELIVERED"]);
const FRAGMENTS: readonly (readonly [string, ReceiptState])[] = [
  ["UNDELIV", "undeliverable"],
  ["FAIL", "undeliverable"],
  ["EXPIR", "expired"],
  ["DELET", "deleted"],
  ["REJECT", "rejected"],
  ["SKIP", "skipped"],
  ["REPLAC", "replaced"],
  ["ACCEPT", "accepted"],
  ["ENROUTE", "enroute"],
  ["ACKED", "enroute"],
  ["BUFF", "enroute"],
  ["SCHED", "enroute"],
];

function stateOfText(stat: string): ReceiptState {
  const word = stat.toUpperCase();
  if (DELIVERED.has(word)) return "delivered";
  return FRAGMENTS.find(([fragment]) => word.includes(fragment))?.[1] ?? "unknown";
}

/** message_state, SMPP 3.4 §5.2.28, with 0 SCHEDULED and 9 SKIPPED of SMPP 5.0 §4.7.15. */
const MESSAGE_STATES: readonly ReceiptState[] = [
  "enroute",
  "enroute",
  "delivered",
  "expired",
  "deleted",
  "undeliverable",
  "accepted",
  "unknown",
  "rejected",
  "skipped",
];

function stateOfTlv(messageState: number | undefined): ReceiptState {
  return MESSAGE_STATES[messageState ?? -1] ?? "unknown";
}

/** Of two states the final one, and of two final ones the TLV's, which only the carrier can write. */
function moreFinal(text: ReceiptState, tlv: ReceiptState): ReceiptState {
  return finality(text) > finality(tlv) ? text : tlv;
}

function finality(state: ReceiptState): number {
  if (state === "unknown") return 0;
  if (state === "enroute") return 1;
  return state === "accepted" ? 2 : 3;
}
