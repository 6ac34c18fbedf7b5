import { codeNumber } from "../message/code-number.ts";
import { type FinalState, type LongMessageReceipts, SUBMITTED } from "../message/lifecycle.ts";
import { finalReceiptLine } from "../message/story.ts";
import type { ReceiptRow } from "../store/messages/record-receipts.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { IdForm } from "./candidates.ts";
import { type ReceiptSaid, receiptEvent } from "./said.ts";

/** A carrier's report on one message or part, read and ready to be matched. */
export interface Receipt {
  carrier: number;
  /** Other carriers whose message it may be for. */
  sharesIdsWith?: readonly number[];
  /** The message's id in its likeliest spelling; null if the receipt names none. */
  carrierMessageId: string | null;
  /** All possible spellings of the submit's answer, the likeliest first. */
  spellings(): readonly { id: string; form: IdForm }[];
  /** The handset, as far as its place in the receipt shows: digits, or "0" if the carrier named no number. */
  destination: string;
  /** Every number in the receipt, one of which may be the handset; perhaps in national form, without its zero. */
  numbers(): readonly string[];
  /** Null for a state that is not final, or only once validity is over (UNKNOWN). */
  state: FinalState | null;
  said: ReceiptSaid;
  code: string;
  longMessageReceipts: LongMessageReceipts;
  /** Set on a receipt that was parked before. */
  parkedId?: number;
}

const NO_CARRIERS: readonly number[] = [];

export function keyOf(carrier: number | null, id: string | null): string {
  return `${carrier} ${id}`;
}

/** The carriers whose message a receipt may be for, its own first. */
export function carriersOf({ carrier, sharesIdsWith = NO_CARRIERS }: Receipt): number[] {
  return [carrier, ...sharesIdsWith];
}

export function keysOf(receipt: Receipt): string[] {
  return carriersOf(receipt).map((carrier) => keyOf(carrier, receipt.carrierMessageId));
}

/**
 * Joins receipts with the outcomes of their messages of one part; the rest stays open. (If two carriers gave the same id at
 * once, one receipt finds its message in the store.)
 */
export function meet(outcomes: readonly SubmitOutcome[], receipts: readonly Receipt[], early: readonly Receipt[]) {
  const byId = new Map<string, SubmitOutcome>();
  for (const outcome of outcomes) {
    const id = outcome.carrierMessageIds[0];
    // If another channel may be tried, the receipt is matched in the store.
    if (outcome.receiptBy !== undefined) continue;
    if (outcome.state === SUBMITTED && outcome.carrierMessageIds.length === 1 && id !== undefined && id !== null) {
      byId.set(id, outcome);
    }
  }
  const receiptOf = new Map<SubmitOutcome, Receipt>();
  const open: Receipt[] = [];
  // A state on the way that came with the end is for an open message: both are matched in the store, in this order.
  const onTheWay = new Set(receipts.filter(({ state }) => state === null).flatMap(keysOf));
  for (const receipt of [...early, ...receipts]) {
    const outcome = receipt.carrierMessageId === null ? undefined : byId.get(receipt.carrierMessageId);
    const isIts = outcome !== undefined && outcome.carrier !== null && carriersOf(receipt).includes(outcome.carrier);
    const isMet = isIts && receipt.state !== null && !receiptOf.has(outcome);
    if (!isMet || (onTheWay.size > 0 && onTheWay.has(receiptKey(receipt)))) open.push(receipt);
    else receiptOf.set(outcome, receipt);
  }
  return { receiptOf, open };
}

export const receiptKey = ({ carrier, carrierMessageId }: Pick<Receipt, "carrier" | "carrierMessageId">): string =>
  keyOf(carrier, carrierMessageId);

/** As the store's statements take it. */
export function receiptRow(receipt: Receipt): ReceiptRow {
  const { carrier, destination, state, code, said, carrierMessageId } = receipt;
  return {
    carrier,
    carrierMessageId: carrierMessageId ?? "",
    destination,
    state: state ?? 0,
    code: codeNumber(code),
    events: finalReceiptLine(receiptEvent(said), carrierMessageId),
  };
}
