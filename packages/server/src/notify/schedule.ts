/** The longest that a receiver's Retry-After puts a retry off beyond its planned time. */
export const MAX_RETRY_AFTER_MS = 3_600_000;
/**
 * Waits, those that were asked for too, are lengthened at random by up to this share, so that webhooks that failed
 * together do not come back together.
 */
const JITTER = 0.2;

export interface Tries {
  /** How many tries have been made, all failed; at least 1. */
  tries: number;
  /** Epoch milliseconds. */
  now: number;
  /** Seconds to wait after the first try, the second, …; the webhook is exhausted after one try more than there are waits. */
  retryDelays: readonly number[];
  /** What the receiver asked for (RFC 9110 §10.2.3), in milliseconds from now, if it did. */
  retryAfterMs: number | null;
  /** Uniform in [0, 1). */
  random: () => number;
}

/**
 * When the next try of a webhook is due, in epoch milliseconds (an integer), or null when there is none.
 * Never earlier than planned; a Retry-After moves it later, by at most an hour.
 */
export function nextAttemptAt({ tries, now, retryDelays, retryAfterMs, random }: Tries): number | null {
  const delay = retryDelays[tries - 1];
  if (delay === undefined) return null;
  const lengthened = 1 + JITTER * random();
  const wait = delay * 1_000 * lengthened;
  const asked = Math.min((retryAfterMs ?? 0) * lengthened, wait + MAX_RETRY_AFTER_MS);
  return Math.ceil(now + Math.max(wait, asked));
}
