import type { FinalState, SUBMITTED } from "../../message/lifecycle.ts";
import type { Bundled } from "./waiting-message.ts";

/** The end of one message's submission. */
export interface SubmitOutcome {
  id: string;
  /** Final where it failed, or where its receipt came before the carrier's answer. */
  state: typeof SUBMITTED | FinalState;
  /** Receipt code of a final state; null for one that is submitted. */
  code: string | null;
  /** Number of the carrier that has it; null where none took it. */
  carrier: number | null;
  /** Its ids at the carrier, part by part. */
  carrierMessageIds: readonly (string | null)[];
  /** Where the message has no row yet. */
  bundled?: Bundled | undefined;
  /** Of a message that has another channel to try: when this one's receipt is given up, in epoch milliseconds. */
  receiptBy?: number;
  /** Lines of its story (message/story.ts) that no row has yet. */
  events?: string | null | undefined;
}
