import type { Outcome } from "../client/outcome.ts";
import type { Ending } from "./endpoint-share.ts";

/** The end of a try, as far as it concerns its endpoint. */
export function endingOf({ status, retryAfterMs, fresh, fault, phases }: Outcome): Ending {
  return {
    status,
    // 429 speaks of all that we send (RFC 6585 §4); a 503 may be one path's, and holds back its own webhook alone.
    askedMs: status === 429 ? retryAfterMs : null,
    freshMs: fresh ? phases.totalMs : null,
    timedOut: fault === "timeout",
  };
}
