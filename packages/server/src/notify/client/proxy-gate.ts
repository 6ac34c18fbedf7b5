/** The wait after the first failed probe of a proxy, in ms; it doubles with each up to the longest. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** Most origins whose last refusal is remembered. */
const REFUSALS_REMEMBERED = 1_000;

export interface ProxyGateOptions {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Called when the proxy is taken to be at fault. @param detail for the operator's log */
  onFault(detail: string): void;
  /** Called when it serves again after failed probes. */
  onServing(): void;
}

/**
 * Whether the operator's proxy works. While it does not, it gets one probe at a time, after growing waits, whatever the number
 * of webhooks and receivers.
 *
 * A proxy that refuses a request may mean the receiver (a destination that its rules deny, or that it cannot reach) or be
 * broken itself. Most answers do not tell the two apart, but later ones do: a proxy that has served another receiver since it
 * last refused this one works.
 */
export class ProxyGate {
  readonly #options: ProxyGateOptions;
  /** When each origin was last refused, the longest ago first. */
  readonly #refusals = new Map<string, number>();
  /** The origin that was served last, and the one before it if that was another. */
  #served = { origin: "", at: Number.NEGATIVE_INFINITY };
  #servedBefore = this.#served;
  #closed = false;
  #faultAt = Number.NEGATIVE_INFINITY;
  #probing = false;
  #failedProbes = 0;
  #nextProbeAt = 0;

  constructor(options: ProxyGateOptions) {
    this.#options = options;
  }

  /** Milliseconds until a request may go; 0: now; Infinity while a probe is under way. */
  get waitMs(): number {
    if (!this.#closed) return 0;
    if (this.#probing) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#nextProbeAt - this.#options.now());
  }

  /** Whether it was found at fault within this time. */
  wasAtFault(withinMs: number): boolean {
    return this.#faultAt >= this.#options.now() - withinMs;
  }

  /** A request goes out. @returns whether it is a probe, whose end must be reported */
  start(): boolean {
    this.#probing = this.#closed;
    return this.#closed;
  }

  probeEnded(failed: boolean): void {
    this.#probing = false;
    if (failed && this.#closed) this.#wait(this.#failedProbes + 1);
  }

  /** The proxy has passed on a request for an origin. */
  served(origin: string): void {
    const at = this.#options.now();
    if (origin !== this.#served.origin) this.#servedBefore = this.#served;
    this.#served = { origin, at };
    this.works();
  }

  /** The proxy works, if not for every receiver. */
  works(): void {
    if (!this.#closed) return;
    this.#closed = false;
    if (this.#failedProbes > 0) this.#options.onServing();
    this.#failedProbes = 0;
  }

  /** The proxy cannot be reached, or does not answer: nobody is served. */
  down(detail: string): void {
    this.#options.onFault(detail);
    this.#faultAt = this.#options.now();
    if (this.#closed) return;
    this.#closed = true;
    this.#wait(0);
  }

  /** The proxy has refused a request for an origin. @returns whether that counts as its own fault, not the receiver's */
  refused(origin: string, detail: string): boolean {
    const before = this.#refusals.get(origin);
    this.#refusals.delete(origin);
    this.#refusals.set(origin, this.#options.now());
    if (this.#refusals.size > REFUSALS_REMEMBERED) this.#refusals.delete(this.#refusals.keys().next().value!);
    const other = this.#served.origin === origin ? this.#servedBefore : this.#served;
    if (before !== undefined && other.at > before) return false;
    this.down(`${origin}: ${detail}`);
    return true;
  }

  #wait(failedProbes: number): void {
    this.#failedProbes = failedProbes;
    this.#nextProbeAt = this.#options.now() + Math.min(FIRST_WAIT_MS * 2 ** failedProbes, LONGEST_WAIT_MS);
  }
}
