import { eventLine, eventsOf, type ReceiptEffect, type ReceiptEvent, type ReceiptState } from "../message/story.ts";

/** A carrier's receipt, as its message's story keeps it. */
export interface ReceiptSaid {
  /** When it came, in epoch milliseconds. */
  at: number;
  state: ReceiptState;
  error: string | null;
  text: string | null;
  doneAt: number | null;
}

/** The receipt of the row's own message. */
export function receiptEvent(
  { at, state, error, text, doneAt }: ReceiptSaid,
  effect: ReceiptEffect = "applied",
  part: number | null = null,
): ReceiptEvent {
  return { kind: "receipt", at, part, state, error, text, doneAt, effect };
}

/** As a line with its carrier, because the row's may be another. */
export function receiptLine(said: ReceiptSaid, effect: ReceiptEffect, part: number | null, carrier: number): string {
  return eventLine({ ...receiptEvent(said, effect, part), carrier });
}

/** The receipt in a parked line; of one that was parked without a line, only that it came. */
export function saidOf(line: string | null): ReceiptSaid {
  const [event] = eventsOf(line, { carrier: null, carrierMessageId: null }, () => null);
  if (event?.kind === "receipt") return event;
  return { at: Date.now(), state: "unknown", error: null, text: null, doneAt: null };
}
