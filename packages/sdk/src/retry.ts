import { NoAnswerError, ProblemError } from "./errors.ts";

/** The wait before the first repetition, in milliseconds; each further one is twice as long. */
const FIRST_WAIT_MS = 250;
/** A server that asks for more patience than this is not waited for: the caller is told. */
const LONGEST_WAIT_MS = 10_000;

/**
 * Milliseconds until a request is made again that ended with this error; null where it is not to be.
 * @param repeatable whether the request may be made again though it is not known whether it was done
 * @param attempt how often it was made again before
 * @param random from 0 to 1: shortens the wait by up to a half, so that what failed together does not come back together
 */
export function waitAfter(error: unknown, repeatable: boolean, attempt: number, random: number): number | null {
  if (!mayPass(error, repeatable)) return null;
  const askedMs = error instanceof ProblemError ? (error.retryAfter ?? 0) * 1_000 : 0;
  return askedMs > LONGEST_WAIT_MS ? null : askedMs + FIRST_WAIT_MS * 2 ** attempt * (1 - random / 2);
}

/** With 429 nothing was done. All else, 503 too, leaves open whether it was: the answer to a commit may have been lost. */
function mayPass(error: unknown, repeatable: boolean): boolean {
  if (error instanceof NoAnswerError) return repeatable;
  if (!(error instanceof ProblemError)) return false;
  return error.status === 429 || (repeatable && (error.status === 408 || error.status >= 500));
}

/** Seconds of a `Retry-After` header, which has seconds or a date (RFC 9110 §10.2.3); null where it says nothing. */
export function retryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1_000));
}
