import type { Fault } from "../../network/fault.ts";

/** The result of one try of a webhook. */
export interface AttemptOutcome {
  /** `delivered` for any 2xx, decided when its headers are in, whatever its body does. */
  result: "delivered" | "failed";
  status: number | null;
  /** Why there is no status; null with one. `proxy` is the operator's fault, and no try of the webhook. */
  fault: Fault | null;
  /** For the operator's log: an error code or the like, which may name addresses. */
  detail: string | null;
  /** The wait in the Retry-After of a 429 or 503. */
  retryAfterMs: number | null;
  /** Whether the connection had brought no answer before, or there was none. */
  fresh: boolean;
  /** The first KiB of the answer's body as it came (nothing is inflated), read as UTF-8; fit for PostgreSQL's text. */
  answer: string | null;
  /** Milliseconds from the start until the request was written, the answer's headers were in, and the end. */
  phases: { connectMs: number | null; firstByteMs: number | null; totalMs: number };
}

/** Of a try that could not begin. */
export const NOT_BEGUN: AttemptOutcome = {
  result: "failed",
  status: null,
  fault: "internal",
  detail: null,
  retryAfterMs: null,
  fresh: false,
  answer: null,
  phases: { connectMs: null, firstByteMs: null, totalMs: 0 },
};
