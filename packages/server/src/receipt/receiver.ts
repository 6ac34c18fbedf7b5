import type { Carrier, Delivery } from "../carriers/carrier.ts";
import { referenceId } from "../message/carrier-message-id.ts";
import { DELIVERED, FAILED, type LongMessageReceipts } from "../message/lifecycle.ts";
import { isDelivered } from "../message/receipt-codes.ts";
import type { Clock } from "../runtime/clock.ts";
import { LastingFault } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";
import { remembered } from "../runtime/remembered.ts";
import { type Candidate, candidateIds, type IdForm, type IdMode, likeliestId, orderCandidates } from "./candidates.ts";
import { receiptCode } from "./code.ts";
import { isReceipt, type ReceiptState, readReceipt } from "./read.ts";
import type { Receipt } from "./receipt.ts";

/** The settings for reading one carrier's receipts. */
export interface ReceiptProfile {
  messageIds: IdMode;
  accepted: "intermediate" | "final";
  errorCodes: Record<string, string>;
  longMessageReceipts: LongMessageReceipts;
  /** The spelling of ids that proved right; null until one is learnt. */
  learnt: IdForm | null;
  /** Numbers of other carriers with the same ids: a receipt may be for a message of theirs. */
  sharesIdsWith: readonly number[];
}

export interface ReceiverOptions {
  log: Logger;
  clock: Clock;
  /** By the carrier's id. */
  profiles: ReadonlyMap<string, ReceiptProfile>;
  /** Calls `done` once the receipt is committed, or with the error that prevents it. */
  record(receipt: Receipt, done: (recorded: boolean | Error) => void): void;
  /** Takes a delivery that is no receipt; resolves with the command_status, and never rejects. */
  inbound(carrier: Carrier, delivery: Delivery): Promise<number>;
  countReceipt(carrier: string, state: string): void;
  /** Counts a delivery of which octets were left out. */
  countDropped(carrier: string): void;
}

const ESME_ROK = 0x00;
/** Again later: the receipt could not be committed. */
const ESME_RX_T_APPN = 0x64;

/** The code of a carrier's report that it does not know. */
const UNCONFIRMED = "30";

/**
 * Reads a carrier's deliveries; messages from handsets go on to `inbound`. Answers the carrier with a command_status, which
 * is success only once the receipt is committed.
 */
export function createReceiver({ log, clock, profiles, record, inbound, countReceipt, countDropped }: ReceiverOptions) {
  const faultOf = (what: string, level: "warn" | "error") =>
    remembered((carrier) => new LastingFault({ log: log.child({ carrier }), what, level }));
  const withoutId = faultOf("a receipt without a message id", "warn");
  const unrecorded = faultOf("a receipt could not be recorded; the carrier is to send it again", "error");
  const cut = faultOf("a receipt or a text has broken optional parameters; they are left out", "warn");
  return (carrier: Carrier, delivery: Delivery, answer: (command_status: number) => void): void => {
    const { dropped = 0 } = delivery;
    if (dropped > 0 || delivery.bodyDoubtful === true) {
      countDropped(carrier.id);
      cut(carrier.id).happened({ octets: dropped });
    }
    const settings = profiles.get(carrier.id);
    if (settings === undefined || !isReceipt(delivery)) {
      void inbound(carrier, delivery).then(answer);
      return;
    }
    const reading = readReceipt(delivery);
    const { tlvId } = reading;
    const state = delivery.read === true ? "read" : reading.state;
    const id = delivery.bodyDoubtful === true && endsIn(delivery.body, reading.id) ? null : reading.id;
    countReceipt(carrier.id, state);
    const { final, delivered, ...meaning } = receiptCode(reading, settings);
    const code = isRefined(state, delivered, delivery.code) ? delivery.code : meaning.code;
    const named = settings.messageIds === "reference" ? referencesOf(delivery) : [tlvId, id];
    const likeliest = named.find((one) => one !== null) ?? null;
    if (likeliest === null && !final && state !== "unknown") {
      answer(ESME_ROK);
      return;
    }
    if (likeliest === null) withoutId(carrier.id).happened({ state });
    const read: Receipt = {
      carrier: carrier.number,
      sharesIdsWith: settings.sharesIdsWith,
      carrierMessageId: likeliest === null ? null : likeliestId(likeliest, settings.messageIds, settings.learnt).id,
      spellings: () => [...new Set(named)].flatMap((one) => (one === null ? [] : spellingsOf(one, settings))),
      destination: digitsOf(delivery.source) ?? digitsOf(delivery.destination) ?? NO_NUMBER,
      numbers: () => numbersOf(delivery),
      state: final ? (delivered ? DELIVERED : FAILED) : null,
      said: {
        at: clock.now(),
        state,
        error: delivery.said?.error ?? reading.err ?? reading.networkError?.code.toString() ?? null,
        text: delivery.said?.text ?? (reading.text === "" ? null : reading.text),
        doneAt: delivery.doneAt ?? reading.doneAt?.getTime() ?? null,
      },
      code: final ? code : UNCONFIRMED,
      longMessageReceipts: settings.longMessageReceipts,
    };
    record(read, (recorded) => {
      if (recorded instanceof Error) unrecorded(carrier.id).happened({ err: recorded });
      answer(recorded instanceof Error ? ESME_RX_T_APPN : ESME_ROK);
    });
  };
}

/** Whether a code says more than the state, and says the same of whether the message is delivered. */
function isRefined(state: ReceiptState, delivered: boolean, code: string | undefined): code is string {
  return code !== undefined && (state === "delivered" || state === "undeliverable") && isDelivered(code) === delivered;
}

/** All possible spellings of this id in a submit's answer, the likeliest first. */
export function spellingsOf(id: string, { messageIds, learnt }: ReceiptProfile): Candidate[] {
  return orderCandidates(candidateIds(id, messageIds), learnt);
}

/** Whether a text ends with an id, so that more of it may be missing. */
function endsIn(body: Buffer, id: string | null): boolean {
  return id !== null && body.toString("latin1").trimEnd().endsWith(id);
}

/** The ids by which a receipt names its message, at a carrier that names it by reference and number. */
function referencesOf(delivery: Delivery): string[] {
  const { user_message_reference: reference } = delivery.tlvs;
  return reference === undefined ? [] : numbersOf(delivery).map((number) => referenceId(reference, number));
}

/** No message has this destination. */
const NO_NUMBER = "0";

/** An address in the form of rows, without a plus or leading zeros; null if it is no number. */
function digitsOf(address: string): string | null {
  return /^\+?0*([1-9]\d{0,14})$/.exec(address)?.[1] ?? null;
}

/** The source should be the handset (SMPP 3.4 §4.6.1); some carriers leave the addresses as the message had them. */
function numbersOf({ source, destination }: Delivery): string[] {
  const numbers = [digitsOf(source), digitsOf(destination)].filter((number) => number !== null);
  return numbers.length > 0 ? numbers : [NO_NUMBER];
}
