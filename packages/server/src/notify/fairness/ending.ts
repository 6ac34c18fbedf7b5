import type { AttemptOutcome } from "../client/outcome.ts";
import type { Ending } from "./endpoint-share.ts";

/** The part of a try's end that concerns its endpoint. */
export function endingOf({ status, retryAfterMs, fresh, fault, phases }: AttemptOutcome): Ending {
  return {
    status,
    // 429 is about all our requests (RFC 6585 §4); a 503 may be one path's, and holds back its own webhook only.
    askedMs: status === 429 ? retryAfterMs : null,
    freshMs: fresh ? phases.totalMs : null,
    timedOut: fault === "timeout",
  };
}
