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

const SECONDS = /^\d{1,10}$/;

/**
 * The wait that a Retry-After field asks for, in milliseconds: a number of seconds or an HTTP-date (RFC 9110 §10.2.3).
 * Null when it is neither; a date that is past asks for none.
 */
export function retryAfterMs(field: string, now: number): number | null {
  const text = field.trim();
  if (SECONDS.test(text)) return Number(text) * 1_000;
  // All three forms of an HTTP-date begin with the name of the day; Date.parse alone takes far more than these.
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(asGmt(text)) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** The asctime form names no zone but means GMT (RFC 9110 §5.6.7). */
function asGmt(date: string): string {
  return date.endsWith("GMT") ? date : `${date} GMT`;
}
