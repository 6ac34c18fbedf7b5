import type { Fault } from "../../network/fault.ts";

/** How one try of a webhook went. */
export interface Outcome {
  /** `delivered` for any 2xx, decided when its headers are in, whatever its body then does. */
  verdict: "delivered" | "failed";
  status: number | null;
  /** Why there is no status; null when there is one. `proxy` is the operator's, and is no try of the webhook. */
  fault: Fault | null;
  /** For the operator's log: an error code or the like; may name addresses. */
  detail: string | null;
  /** The wait that a 429 or 503 asked for in Retry-After. */
  retryAfterMs: number | null;
  /** Whether the connection had brought no answer before, or none was made. */
  fresh: boolean;
  /** The first KiB of the answer's body as it came (nothing is inflated), read as UTF-8; fit for PostgreSQL's text. */
  answer: string | null;
  /** Milliseconds from the start until the request was written, the answer's headers were in, and the end. */
  phases: { connectMs: number | null; firstByteMs: number | null; totalMs: number };
}
