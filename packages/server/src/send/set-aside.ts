import type { Carrier, Submission } from "../carriers/carrier.ts";
import type { Logger } from "../runtime/log.ts";
import { isTransientDatabaseError } from "../store/errors.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { OUTCOME_UNKNOWN } from "./queued.ts";
import { failed } from "./submit-outcome.ts";

export interface SetAsideOptions {
  log: Logger;
  record(outcome: SubmitOutcome, done: (recorded: boolean | Error) => void): void;
  /** Counts a message that is set aside. */
  count(): void;
}

/**
 * Messages whose outcome the store refuses. Given back, such a message would be submitted again until its validity is over.
 * A message that a carrier has taken ends as unknown (7A), which needs none of the carrier's words; if the store refuses
 * that too, the message is set aside for as long as the program runs.
 */
export class SetAside {
  readonly #options: SetAsideOptions;
  readonly #ids = new Set<string>();

  constructor(options: SetAsideOptions) {
    this.#options = options;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** @param done called when the message may leave the memory: it is final, set aside, or left to the next node */
  refused(message: WaitingMessage, carrier: Carrier, submission: Submission, error: Error, done: () => void): void {
    const { log, record } = this.#options;
    log.error({ err: error, message: message.id }, "the outcome of a submit was not recorded");
    // The program ends before its store is back: the next node finds the message unsent.
    if (isTransientDatabaseError(error)) done();
    else if (submission.kind !== "submitted") this.#add(message.id, done);
    else {
      record(failed(message, OUTCOME_UNKNOWN, carrier.number), (recorded) => {
        if (recorded instanceof Error) this.#add(message.id, done);
        else done();
      });
    }
  }

  #add(id: string, done: () => void): void {
    this.#ids.add(id);
    this.#options.count();
    this.#options.log.error({ message: id }, "a message is set aside: its outcome cannot be recorded");
    done();
  }
}
