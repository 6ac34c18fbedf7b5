import type { OptOuts } from "../inbound/opt-outs.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { FallBackRow } from "../store/messages/fall-back.ts";
import type { IntentRow } from "../store/messages/record-intents.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { LanesOptions } from "./lanes.ts";
import type { NotedLine } from "./noted-line.ts";

export interface SenderOptions extends LanesOptions {
  /** Whether the operator lets a carrier have nothing, by its id. */
  isPaused(carrier: string): boolean;
  clock: Clock;
  log: Logger;
  onUncertain: "resend" | "fail";
  /** How long a channel has, where there is another to try. */
  fallbackAfterMs: number;
  /** Notes that messages are at their next channel. */
  fallBacks: Pick<NotedLine<FallBackRow>, "note">;
  /** Whether what is in memory is this node's beyond doubt. While it is not, nothing is submitted. */
  holdsLease(): boolean;
  /** Notes what is about to be submitted; null where what a dead node may have sent is sent again. */
  intents: Pick<NotedLine<IntentRow>, "note"> | null;
  /** Calls `done` once the outcome is committed; with false where the message was not this node's any more. */
  record(outcome: SubmitOutcome, done: (recorded: boolean | Error) => void): void;
  /** A submit whose answer never came. */
  countUncertain(): void;
  /** A message that is not submitted again, since the store refuses what became of it. */
  countSetAside(): void;
  /** Handsets that are not to be sent to. */
  optOuts: Pick<OptOuts, "mayConcern" | "among">;
  /** Messages left the hand. */
  onRoom(): void;
}
