import type { Submission } from "../carriers/carrier.ts";
import { eventLine, joined, type RefusalEnd, submittedLine } from "../message/story.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";

/**
 * A message's story with a carrier's answer to its submit: lines that no row has yet.
 * @param carrier the carrier's number
 * @param end the next step after a refusal
 */
export function saidOf(
  message: WaitingMessage,
  submission: Submission,
  carrier: number,
  at: number,
  end: RefusalEnd,
): string | undefined {
  const { said = [], kind } = submission;
  const [only] = said;
  // Fields of the row are left out; if another channel may be tried, the row will have that one's.
  if (kind === "submitted" && message.parts === 1 && message.plan === undefined && only !== undefined) {
    return joined(message.said, submittedLine(at, only.ms)) as string;
  }
  const code = kind === "refused" || kind === "later" ? submission.code : null;
  const lines = said.map(({ part, ms, answer, id, status }) => {
    if (answer === "taken") return eventLine({ kind: "submitted", at, part, ms, carrier, id });
    if (answer === "uncertain") return eventLine({ kind: "uncertain", at, carrier });
    return eventLine({ kind: "refused", at, part, ms, carrier, status, code, end });
  });
  return lines.reduce<string | null>(joined, message.said ?? null) ?? undefined;
}

/** Most characters kept in memory of a message that is refused again and again: about 400 answers. */
const MOST_SAID = 16 * 1024;

/** Keeps the story with the message, which will be submitted again. */
export function keepSaid(
  message: WaitingMessage,
  submission: Submission,
  carrier: number,
  at: number,
  end: RefusalEnd,
): void {
  if ((message.said?.length ?? 0) >= MOST_SAID) return;
  const said = saidOf(message, submission, carrier, at, end);
  if (said !== undefined) message.said = said;
}
