import { NoAnswerError, ProblemError } from "./errors.ts";

/** The wait before the first repetition, in milliseconds; each further one is twice as long. */
const FIRST_WAIT_MS = 250;
/** The longest wait that a server may ask for; beyond it the caller gets the error. */
const LONGEST_WAIT_MS = 10_000;

/**
 * Milliseconds until a request that ended with this error is repeated; null if it is not.
 * @param repeatable whether the request may be repeated although it may have been done
 * @param attempt the number of repetitions before
 * @param random from 0 to 1: shortens the wait by up to a half, so that failed requests do not come back together
 */
export function waitAfter(error: unknown, repeatable: boolean, attempt: number, random: number): number | null {
  if (!mayPass(error, repeatable)) return null;
  const askedMs = error instanceof ProblemError ? (error.retryAfter ?? 0) * 1_000 : 0;
  return askedMs > LONGEST_WAIT_MS ? null : askedMs + FIRST_WAIT_MS * 2 ** attempt * (1 - random / 2);
}

/** With 429 nothing was done. Any other failure, 503 too, leaves that open: the answer to a commit may have been lost. */
function mayPass(error: unknown, repeatable: boolean): boolean {
  if (error instanceof NoAnswerError) return repeatable;
  if (!(error instanceof ProblemError)) return false;
  return error.status === 429 || (repeatable && (error.status === 408 || error.status >= 500));
}

/** Seconds of a `Retry-After` header, which has seconds or a date (RFC 9110 §10.2.3); null if it has neither. */
export function retryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1_000));
}
