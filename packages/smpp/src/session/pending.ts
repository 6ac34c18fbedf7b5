import type { RequestCommand, ResponsePdu } from "../codec/commands.ts";
import type { Clock } from "../transport/clock.ts";
import { NoAnswer, NotSent } from "./errors.ts";

export interface Pending {
  readonly command: RequestCommand;
  readonly sentAt: number;
  /** Where on the link its first octet lies (see `Link.handedOver`). */
  readonly position: number;
  readonly resolve: (response: ResponsePdu) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Requests whose answer is awaited, oldest first. One timer for all of them: all wait equally long, so it need only
 * watch the oldest.
 */
export class PendingRequests {
  readonly #bySequenceNumber = new Map<number, Pending>();
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #expired: (sentAt: number) => void;
  #timer: unknown;

  /** `expired` is told, once requests have been rejected for want of an answer in time, when the last was sent. */
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

  /** Rejects everything: `NotSent` from `handedOver` on, `NoAnswer` before. */
  rejectAll(handedOver: number, cause: Error): void {
    this.#clock.clearTimeout(this.#timer);
    const all = [...this.#bySequenceNumber.values()];
    this.#bySequenceNumber.clear();
    for (const pending of all) {
      pending.reject(
        pending.position >= handedOver
          ? new NotSent(`${pending.command} was not sent: ${cause.message}`, { cause })
          : new NoAnswer(`no answer to ${pending.command}: ${cause.message}`, { cause }),
      );
    }
  }

  #arm(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#sweep(), Math.ceil(ms));
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    let expired: number | undefined;
    for (const [sequence_number, pending] of this.#bySequenceNumber) {
      const left = pending.sentAt + this.#timeoutMs - now;
      if (left > 0) {
        this.#arm(left);
        break;
      }
      this.#bySequenceNumber.delete(sequence_number);
      pending.reject(new NoAnswer(`no answer to ${pending.command} within ${this.#timeoutMs} ms`));
      expired = pending.sentAt;
    }
    if (expired !== undefined) this.#expired(expired);
  }
}
