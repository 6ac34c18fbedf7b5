import type { Clock } from "./clock.ts";

interface Bucket {
  tokens: number;
  /** Epoch milliseconds. */
  filledAt: number;
}

/** Number of buckets beyond which full ones are dropped. */
const MOST = 10_000;

/** A token bucket for each name: `burst` at once, then `perSecond`. */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
  }

  /** Takes a token. Returns 0 if there was one; else the seconds until there is. */
  take(name: string): number {
    const bucket = this.#filled(name);
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.#perSecond;
    bucket.tokens--;
    return 0;
  }

  /** Takes tokens even if there are too few: the lack must flow in first. Negative: gives some back. */
  spend(name: string, tokens: number): void {
    this.#filled(name).tokens -= tokens;
  }

  #filled(name: string): Bucket {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(name) ?? this.#add(name, now);
    bucket.tokens = this.#tokens(bucket, now);
    bucket.filledAt = now;
    return bucket;
  }

  /** A clock that was set back adds nothing and takes nothing away. */
  #tokens({ tokens, filledAt }: Bucket, now: number): number {
    return Math.min(this.#burst, tokens + (Math.max(0, now - filledAt) / 1_000) * this.#perSecond);
  }

  #add(name: string, now: number): Bucket {
    if (this.#buckets.size >= MOST) {
      for (const [other, bucket] of this.#buckets)
        if (this.#tokens(bucket, now) >= this.#burst) this.#buckets.delete(other);
    }
    const bucket = { tokens: this.#burst, filledAt: now };
    this.#buckets.set(name, bucket);
    return bucket;
  }
}
