import type { HttpCarrierConfig } from "../../config/carriers.ts";
import { encodeUcs2 } from "../../message/gsm.ts";
import { isDelivered } from "../../message/receipt-codes.ts";
import { messageStateOf } from "../../message/state-words.ts";
import type { Delivery } from "../carrier.ts";

/** A provider's request, as an accepting process has read it; null for missing fields. */
export type HttpEvent = { kind: "receipts"; items: ReceiptItem[] } | { kind: "inbound"; items: InboundItem[] };

/** `text`: the receipt as it came. */
export type ReceiptItem = Record<"id" | "state" | "error", string | null> & { text: string };

/** `reference`, `total` and `sequence` are those of a part of a long text. */
export type InboundItem = Record<"from" | "to" | "text" | "id" | "reference" | "total" | "sequence", string | null>;

/** esm_class of a receipt (SMPP 3.4 §5.2.12), message_state and data_coding (§5.2.28, §5.2.19). */
const RECEIPT = 0x04;
const [DELIVERED, UNDELIVERABLE, UNKNOWN] = [2, 5, 7];
const UCS2 = 8;
const NOTHING = Buffer.alloc(0);

/** The state in a provider's word. `known`: a setting, or the word itself, gives its meaning. */
export function stateOf(
  word: string,
  states: Readonly<Record<string, string>>,
): { message_state: number; code: string | undefined; known: boolean } {
  const named = Object.hasOwn(states, word) ? states[word] : ofPrefix(word, states);
  const message_state = messageStateOf(named ?? word);
  if (message_state !== undefined) return { message_state, code: undefined, known: true };
  if (named === undefined) return { message_state: UNKNOWN, code: undefined, known: false };
  const code = named.toUpperCase();
  return { message_state: isDelivered(code) ? DELIVERED : UNDELIVERABLE, code, known: true };
}

/** The state of a pattern such as `EXPIRED_*`. */
function ofPrefix(word: string, states: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(states).find(([key]) => key.endsWith("*") && word.startsWith(key.slice(0, -1)))?.[1];
}

/** The receipt in SMPP's form; null if it names no message, or no state. */
export function receiptOf(
  { id, state, error, text }: ReceiptItem,
  { receipts, errors }: Pick<HttpCarrierConfig, "receipts" | "errors">,
): (Delivery & { known: boolean }) | null {
  if (id === null || id === "" || state === null) return null;
  const { message_state, code, known } = stateOf(state, receipts.states);
  const codes = Object.keys(receipts.errors).length > 0 ? receipts.errors : errors;
  const own = error !== null && Object.hasOwn(codes, error) ? codes[error]?.toUpperCase() : undefined;
  return {
    source: "",
    destination: "",
    esmClass: RECEIPT,
    dataCoding: 0,
    body: NOTHING,
    tlvs: { receipted_message_id: id, message_state },
    said: { error, text },
    ...withCode(message_state === UNDELIVERABLE ? (own ?? code) : code),
    known,
  };
}

function withCode(code: string | undefined): { code?: string } {
  return code === undefined ? {} : { code };
}

/** The text in SMPP's form; null if a field is missing. */
export function inboundOf({ from, to, text, id, reference, total, sequence }: InboundItem): Delivery | null {
  if (from === null || to === null || text === null) return null;
  const delivery: Delivery = {
    source: from.trim(),
    destination: to.trim(),
    esmClass: 0,
    dataCoding: UCS2,
    body: encodeUcs2(text),
    tlvs: {
      sar_msg_ref_num: numberOf(reference, 0xffff),
      sar_total_segments: numberOf(total, 0xff),
      sar_segment_seqnum: numberOf(sequence, 0xff),
    },
  };
  if (id !== null && id !== "") delivery.inboundId = id;
  return delivery;
}

/** Undefined if it is no number or too large; a reference may be any text. */
function numberOf(text: string | null, most: number): number | undefined {
  if (text === null || !/^\d{1,9}$/.test(text)) return undefined;
  return Number(text) & most;
}
