/** The most by which a receiver's Retry-After delays a retry beyond its planned time. */
export const MAX_RETRY_AFTER_MS = 3_600_000;
/**
 * The part by which waits, also those that were asked for, are lengthened at random at most, so that webhooks that failed
 * together do not come back together.
 */
const JITTER = 0.2;

export interface Tries {
  /** Number of failed tries so far; at least 1. */
  tries: number;
  /** Epoch milliseconds. */
  now: number;
  /** Seconds to wait after the first try, the second, …; after one try more than there are waits the webhook is exhausted. */
  retryDelays: readonly number[];
  /** The receiver's wait (RFC 9110 §10.2.3), in milliseconds from now; null without one. */
  retryAfterMs: number | null;
  /** Uniform in [0, 1). */
  random: () => number;
}

/**
 * The time of a webhook's next try, in epoch milliseconds (an integer), or null if there is none. Never earlier than planned; a
 * Retry-After delays it, by at most an hour.
 */
export function nextAttemptAt({ tries, now, retryDelays, retryAfterMs, random }: Tries): number | null {
  const delay = retryDelays[tries - 1];
  if (delay === undefined) return null;
  const lengthened = 1 + JITTER * random();
  const wait = delay * 1_000 * lengthened;
  const asked = Math.min((retryAfterMs ?? 0) * lengthened, wait + MAX_RETRY_AFTER_MS);
  return Math.ceil(now + Math.max(wait, asked));
}
