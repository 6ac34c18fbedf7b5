import { FAILED, SUBMITTED } from "../message/state.ts";
import type { Unwritten, WaitingMessage } from "../store/messages/waiting-message.ts";
import type { Queued } from "./queued.ts";

/** What became of a message that was to be sent. */
export interface SubmitOutcome {
  id: string;
  state: typeof SUBMITTED | typeof FAILED;
  code: string | null;
  carrier: number | null;
  carrierIds: readonly (string | null)[];
  /** Where the message has no row yet. */
  unwritten?: Unwritten | undefined;
  /** Of a message that has another channel to try: when this one's word is given up, in epoch milliseconds. */
  receiptBy?: number;
}

export function submitted(
  { message, receiptBy }: Queued,
  carrier: number,
  carrierIds: SubmitOutcome["carrierIds"],
): SubmitOutcome {
  const { id, unwritten } = message;
  const outcome: SubmitOutcome = { id, state: SUBMITTED, code: null, carrier, carrierIds, unwritten };
  if (receiptBy !== undefined) outcome.receiptBy = receiptBy;
  return outcome;
}

export function failed({ id, unwritten }: WaitingMessage, code: string, carrier: number | null): SubmitOutcome {
  return { id, state: FAILED, code, carrier, carrierIds: [], unwritten };
}
