import type { OptOuts } from "../inbound/opt-outs.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { FallBackRow } from "../store/messages/fall-back.ts";
import type { IntentRow } from "../store/messages/record-intents.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { GroupNote } from "./group-note.ts";
import type { LanesOptions } from "./lanes.ts";

export interface SenderOptions extends LanesOptions {
  /** The program's engines. */
  engines: number;
  /** Whether the operator has paused a carrier, by its id. */
  isPaused(carrier: string): boolean;
  clock: Clock;
  log: Logger;
  onUncertain: "resend" | "fail";
  /** The time of a channel with another one behind it, in ms. */
  fallbackAfterMs: number;
  /** Notes that messages are at their next channel. */
  fallBacks: Pick<GroupNote<FallBackRow>, "note">;
  /** Whether what is in memory is this node's beyond doubt. While it is not, nothing is submitted. */
  holdsLease(): boolean;
  /** Notes what is about to be submitted; null where what a dead node may have sent is sent again. */
  intents: Pick<GroupNote<IntentRow>, "note"> | null;
  /** Calls `done` once the outcome is committed; with false where the message was not this node's any more. */
  record(outcome: SubmitOutcome, done: (recorded: boolean | Error) => void): void;
  /** Counts a submit without an answer. */
  countUncertain(): void;
  /** Counts a message that is set aside, since the store refuses its outcome. */
  countSetAside(): void;
  /** Handsets that must not be sent to. */
  optOuts: Pick<OptOuts, "mayConcern" | "among">;
  /** Called when messages have left the memory. */
  onRoom(): void;
}
