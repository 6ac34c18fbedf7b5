import { codeNumber } from "../message/code-number.ts";
import { SUBMITTED } from "../message/lifecycle.ts";
import type { ReceiptEffect } from "../message/story.ts";
import type { EventRow } from "../store/messages/append-events.ts";
import type { ReceiptTarget } from "../store/messages/find-receipt-targets.ts";
import type { FinishRow } from "../store/messages/finish-messages.ts";
import type { PartReceipt } from "../store/messages/parts.ts";
import type { Intermediate } from "./intermediates.ts";
import type { PartsOf } from "./part-outcomes.ts";
import type { Receipt } from "./receipt.ts";
import { receiptLine } from "./said.ts";

/** Receipts by their effect on the messages that they were matched to. */
export interface Matched {
  /** Of open messages of one part. */
  finish: FinishRow[];
  /** Of open parts. */
  parts: (PartReceipt & PartsOf)[];
  /** Receipts in which the carrier says that it does not know. */
  unconfirmed: { id: string; code: number }[];
  /** Receipts that are only written to the story. */
  events: EventRow[];
  /** Of open messages, what is not final and their senders asked for. */
  intermediates: Intermediate[];
  known: Receipt[];
  unmatched: Receipt[];
}

/** @param targets by the receipt's index */
export function sortOut(receipts: readonly Receipt[], targets: ReadonlyMap<number, ReceiptTarget>): Matched {
  const sorted: Matched = {
    finish: [],
    parts: [],
    unconfirmed: [],
    events: [],
    intermediates: [],
    known: [],
    unmatched: [],
  };
  receipts.forEach((receipt, index) => {
    const target = targets.get(index);
    if (target === undefined) {
      sorted.unmatched.push(receipt);
      return;
    }
    sorted.known.push(receipt);
    const { id, part, fallback, intermediate } = target;
    const { state, said, carrier } = receipt;
    const code = codeNumber(receipt.code);
    const line = (effect: ReceiptEffect): string => receiptLine(said, effect, part, carrier);
    if (state === null) {
      sorted.events.push({ id, events: line("intermediate") });
      if (target.state !== SUBMITTED) return;
      if (intermediate) sorted.intermediates.push({ id, state: said.state });
      if (said.state === "unknown") sorted.unconfirmed.push({ id, code });
    } else if (target.state !== SUBMITTED) {
      sorted.events.push({ id, events: line(state === target.state ? "repeated" : "late") });
    } else if (part === null) sorted.finish.push({ id, state, code, fallback, events: line("applied") });
    else {
      sorted.events.push({ id, events: line("applied") });
      sorted.parts.push({ messageId: id, part, state, code, counts: receipt.longMessageReceipts, fallback });
    }
  });
  return sorted;
}
