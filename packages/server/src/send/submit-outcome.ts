import { FAILED, SUBMITTED } from "../message/lifecycle.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import type { Queued } from "./queued.ts";

/** @param events lines of its story that no row has yet */
export function submitted(
  { message, receiptBy }: Queued,
  carrier: number,
  carrierMessageIds: SubmitOutcome["carrierMessageIds"],
  events: string | undefined,
): SubmitOutcome {
  const { id, bundled } = message;
  const outcome: SubmitOutcome = { id, state: SUBMITTED, code: null, carrier, carrierMessageIds, bundled, events };
  if (receiptBy !== undefined) outcome.receiptBy = receiptBy;
  return outcome;
}

/** Its sender has cancelled it. */
const CANCELLED = "47";

type Ended = Pick<WaitingMessage, "id" | "bundled" | "said">;

export function cancelled(message: Ended): SubmitOutcome {
  return failed(message, CANCELLED, null);
}

export function failed({ id, bundled, said }: Ended, code: string, carrier: number | null): SubmitOutcome {
  return { id, state: FAILED, code, carrier, carrierMessageIds: [], bundled, events: said };
}
