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
