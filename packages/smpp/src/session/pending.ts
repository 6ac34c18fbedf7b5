import type { RequestCommand, ResponsePdu } from "../codec/commands.ts";
import type { Clock } from "../transport/clock.ts";
import { NoAnswer, NotSent } from "./errors.ts";

export interface Pending {
  readonly command: RequestCommand;
  readonly sentAt: number;
  /** The position of its first octet on the link (see `Link.handedOver`). */
  readonly position: number;
  /** Called once, with the answer or the reason why there is none. */
  readonly done: (answer: ResponsePdu | Error) => void;
}

/**
 * Requests that wait for their answers, oldest first. All wait equally long, so one timer for the oldest serves all.
 */
export class PendingRequests {
  readonly #bySequenceNumber = new Map<number, Pending>();
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #expired: (sentAt: number) => void;
  #timer: unknown;

  /** @param expired called before requests end without an answer, with the time when the last of them was sent */
  constructor(clock: Clock, timeoutMs: number, expired: (sentAt: number) => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#expired = expired;
  }

  get size(): number {
    return this.#bySequenceNumber.size;
  }

  has(sequence_number: number): boolean {
    return this.#bySequenceNumber.has(sequence_number);
  }

  get(sequence_number: number): Pending | undefined {
    return this.#bySequenceNumber.get(sequence_number);
  }

  add(sequence_number: number, pending: Pending): void {
    this.#bySequenceNumber.set(sequence_number, pending);
    if (this.#timer === undefined) this.#arm(this.#timeoutMs);
  }

  remove(sequence_number: number): void {
    this.#bySequenceNumber.delete(sequence_number);
  }

  /** Ends everything, after the link's closing is complete: `NotSent` from `handedOver` on, `NoAnswer` before. */
  endAll(handedOver: number, cause: Error): void {
    this.#clock.clearTimeout(this.#timer);
    const all = [...this.#bySequenceNumber.values()];
    this.#bySequenceNumber.clear();
    queueMicrotask(() => {
      for (const { command, position, done } of all) {
        done(
          position >= handedOver
            ? new NotSent(`${command} was not sent: ${cause.message}`, { cause })
            : new NoAnswer(`no answer to ${command}: ${cause.message}`, { cause }),
        );
      }
    });
  }

  #arm(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#sweep(), Math.ceil(ms));
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    const expired: Pending[] = [];
    for (const [sequence_number, pending] of this.#bySequenceNumber) {
      const left = pending.sentAt + this.#timeoutMs - now;
      if (left > 0) {
        this.#arm(left);
        break;
      }
      this.#bySequenceNumber.delete(sequence_number);
      expired.push(pending);
    }
    const last = expired.at(-1);
    if (last !== undefined) this.#expired(last.sentAt);
    for (const { command, done } of expired) done(new NoAnswer(`no answer to ${command} within ${this.#timeoutMs} ms`));
  }
}
