import { codeText } from "../../message/code-number.ts";
import { timeOf } from "../../message/id.ts";
import { DELIVERED } from "../../message/lifecycle.ts";
import { smppFailure } from "../../message/smpp-failure.ts";
import { originOfText } from "../../message/smpp-origin.ts";
import type { FinalMessage } from "../../message/webhook.ts";
import { remembered } from "../../runtime/remembered.ts";

/**
 * A deliver_sm in the form in which processes pass it on: JSON has no octets, so short_message is a text with a
 * character for each.
 */
export interface DeliverText {
  source_addr: string;
  source_addr_ton: number;
  source_addr_npi: number;
  destination_addr: string;
  dest_addr_ton: number;
  dest_addr_npi: number;
  esm_class: number;
  data_coding: number;
  short_message: string;
  tlvs: {
    receipted_message_id?: string;
    message_state?: number;
    network_error_code?: { network_type: number; error_code: number };
    user_message_reference?: number;
  };
}

/** esm_class of a receipt, and of an intermediate notification (SMPP 3.4 §5.2.12). */
const RECEIPT = 0x04;
const INTERMEDIATE = 0x20;
/** network_type GSM (§5.3.2.31). */
const GSM = 3;
/** The two bits of registered_delivery that ask for receipts (§5.2.17, and SMPP 5.0 §4.7.21 for 3). */
const FINAL = 0x03;
const ONLY_FAILURES = 2;
const ONLY_SUCCESSES = 3;

/** All messages of a customer that differ in text and destination alone have the same. */
const originOf = remembered(originOfText);

/** Whether the submit asked for a receipt of this end. */
export function isWanted(url: string, { state }: FinalMessage): boolean {
  const asked = originOf(url).registered & FINAL;
  if (asked === ONLY_FAILURES) return state !== DELIVERED;
  return asked !== ONLY_SUCCESSES || state === DELIVERED;
}

/** `stat` of the states that are not final. */
const STATS: Readonly<Record<number, string>> = { 1: "ENROUTE", 6: "ACCEPTD", 7: "UNKNOWN" };

/** The receipt of a message from SMPP. @param doneAt epoch milliseconds */
export function receiptPdu(id: string, url: string, message: FinalMessage, doneAt: number): DeliverText {
  const { code } = message;
  const delivered = message.state === DELIVERED;
  const [stat, state] = delivered ? (["DELIVRD", 2] as const) : smppFailure(code);
  return reportPdu(id, url, message, { esmClass: RECEIPT, stat, state, delivered, code, at: doneAt });
}

/** The intermediate notification of a message from SMPP. @param saidAt epoch milliseconds */
export function intermediatePdu(id: string, url: string, message: FinalMessage, saidAt: number): DeliverText {
  const state = originOf(url).state ?? 1;
  const stat = STATS[state] as string;
  return reportPdu(id, url, message, { esmClass: INTERMEDIATE, stat, state, delivered: false, code: 0, at: saidAt });
}

interface Report {
  esmClass: number;
  stat: string;
  state: number;
  delivered: boolean;
  /** 0 for none. */
  code: number;
  /** Epoch milliseconds. */
  at: number;
}

/** In the form of appendix B. */
function reportPdu(
  id: string,
  url: string,
  { destination }: FinalMessage,
  { esmClass, stat, state, delivered, code, at }: Report,
): DeliverText {
  const { source, destination: written, reference, id: given } = originOf(url);
  const receipted_message_id = given ?? id;
  const text =
    `id:${receipted_message_id} sub:001 dlvrd:${delivered ? "001" : "000"} submit date:${timeText(timeOf(id))} ` +
    `done date:${timeText(at)} stat:${stat} err:${codeText(code).padStart(3, "0")} text:`;
  return {
    source_addr: written?.plus ? `+${destination}` : destination,
    source_addr_ton: written?.ton ?? 1,
    source_addr_npi: written?.npi ?? 1,
    destination_addr: source.address,
    dest_addr_ton: source.ton,
    dest_addr_npi: source.npi,
    esm_class: esmClass,
    data_coding: 0,
    short_message: text,
    tlvs: {
      receipted_message_id,
      message_state: state,
      network_error_code: { network_type: GSM, error_code: code },
      ...(reference === null ? {} : { user_message_reference: reference }),
    },
  };
}

/** YYMMDDhhmm, in UTC. @param at epoch milliseconds */
function timeText(at: number): string {
  return minuteText(Math.floor(at / MINUTE_MS));
}

const MINUTE_MS = 60_000;
/** Making one takes 1 µs, and each receipt has two. */
const minuteText = remembered((minute: number) => {
  return new Date(minute * MINUTE_MS).toISOString().replace(/\D/g, "").slice(2, 12);
}, 100);
