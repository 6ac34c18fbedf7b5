import { codeNumber, codeText } from "../message/code-number.ts";
import {
  DELIVERED,
  FAILED,
  type LongMessageReceipts,
  outcomeOfParts,
  type PartOutcome,
  SUBMITTED,
} from "../message/lifecycle.ts";
import type { FinishRow } from "../store/messages/finish-messages.ts";
import type { PartState } from "../store/messages/parts.ts";

/** The rule by which parts' receipts decide their messages. */
export interface PartsOf {
  messageId: string;
  counts: LongMessageReceipts;
  fallback: boolean;
}

/** The messages that their parts make final. */
export function outcomesOf(parts: readonly PartState[], messages: readonly PartsOf[]): FinishRow[] {
  const judged = new Map(messages.map((message) => [message.messageId, message]));
  const known = new Map<string, PartOutcome[]>();
  for (const { message_id, state, code } of parts) {
    const outcome = state === SUBMITTED ? null : { delivered: state === DELIVERED, code: codeText(code ?? 0) };
    const outcomes = known.get(message_id);
    if (outcomes === undefined) known.set(message_id, [outcome]);
    else outcomes.push(outcome);
  }
  return [...known].flatMap(([id, outcomes]) => {
    const { counts, fallback } = judged.get(id) ?? { counts: "all", fallback: false };
    const outcome = outcomeOfParts(outcomes, counts);
    const state = outcome?.delivered === true ? DELIVERED : FAILED;
    return outcome === null ? [] : [{ id, state, code: codeNumber(outcome.code), fallback }];
  });
}
