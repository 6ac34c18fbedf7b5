import type { Clock } from "../runtime/clock.ts";
import type { LastingFault } from "../runtime/lasting-fault.ts";
import type { CarrierStatus } from "./carrier.ts";

const NO_BINDS: CarrierStatus["bind_counts"] = { bound: 0, refused: 0, failed: 0, lost: 0 };

/** Whether an API can be reached: after a failed request it rests, longer after each further one. */
export class Reachable {
  readonly #clock: Clock;
  readonly #onFree: () => void;
  /** When it became up or down, and the next try while it is down; epoch milliseconds. */
  #since: number;
  #nextTryAt: number | null = null;
  #why: string | null = null;
  #lastStatus: string | null = null;
  #rests = 0;
  #resting: NodeJS.Timeout | undefined;
  #closed = true;

  /** @param onFree called when it rests, since another carrier may take the waiting messages, and when the rest is over */
  constructor(clock: Clock, onFree: () => void) {
    this.#clock = clock;
    this.#onFree = onFree;
    this.#since = clock.now();
  }

  get up(): boolean {
    return !this.#closed && this.#resting === undefined;
  }

  /** Nothing has failed since its last answer. */
  get isWell(): boolean {
    return this.#rests === 0;
  }

  get status(): Pick<CarrierStatus, "since" | "why" | "last_status" | "next_try_at" | "bind_counts" | "binds"> {
    return {
      since: new Date(this.#since).toISOString(),
      why: this.#why,
      last_status: this.#lastStatus,
      next_try_at: this.#nextTryAt === null ? null : new Date(this.#nextTryAt).toISOString(),
      bind_counts: NO_BINDS,
      binds: { up: this.up ? 1 : 0, of: 1 },
    };
  }

  start(): void {
    this.#closed = false;
  }

  stop(): void {
    this.#closed = true;
    clearTimeout(this.#resting);
  }

  answered(status: number): void {
    this.#lastStatus = String(status);
    if (this.#rests > 0) this.#since = this.#clock.now();
    this.#rests = 0;
    this.#why = null;
  }

  /**
   * @param fault why nothing can be sent, logged with these details
   * @param rests the rests in a row, in ms; the last one stands for all further ones
   * @param status of the answer with the reason, if there was one
   */
  rest(fault: LastingFault, rests: readonly number[], details: object, status?: number): void {
    if (status !== undefined) this.#lastStatus = String(status);
    if (this.#resting !== undefined || this.#closed) return;
    const restMs = rests[Math.min(this.#rests++, rests.length - 1)] as number;
    fault.happened({ ...details, restMs });
    const now = this.#clock.now();
    if (this.#rests === 1) this.#since = now;
    this.#why = fault.what;
    this.#nextTryAt = now + restMs;
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      this.#nextTryAt = null;
      this.#onFree();
    }, restMs);
    this.#onFree();
  }
}
