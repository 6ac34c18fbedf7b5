const SECONDS = /^\d{1,10}$/;

/**
 * The wait in a Retry-After field, in milliseconds: a number of seconds or an HTTP-date (RFC 9110 §10.2.3). Null for
 * anything else; a past date means no wait.
 */
export function retryAfterMs(field: string, now: number): number | null {
  const text = field.trim();
  if (SECONDS.test(text)) return Number(text) * 1_000;
  // All three forms of an HTTP-date begin with the name of the day; Date.parse alone takes far more forms.
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(asGmt(text)) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** The asctime form names no zone and means GMT (RFC 9110 §5.6.7). */
function asGmt(date: string): string {
  return date.endsWith("GMT") ? date : `${date} GMT`;
}
