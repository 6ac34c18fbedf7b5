import type { FastifyError } from "fastify";
import { asError, Rejected } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import type { ProblemName } from "../runtime/problems.ts";
import { PROBLEMS } from "../runtime/problems.ts";
import { isTransientDatabaseError } from "../store/errors.ts";
import { PROBLEM_MEDIA_TYPE, problem } from "./problems.ts";

/** An answer with a problem (RFC 9457). */
export interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  /** JSON. */
  body: string;
}

/** Fastify's code for a body over the limit. */
const BODY_TOO_LARGE = "FST_ERR_CTP_BODY_TOO_LARGE";
export const BODY_TOO_LARGE_DETAIL = "The body is beyond the server's limit.";

/** The `Cache-Control` of every answer that differs between callers. */
export const NO_STORE = "no-store";

/** RFC 6750 §3.1. */
const BEARER_ERRORS: Record<string, string> = {
  "invalid-token": "invalid_token",
  "insufficient-scope": "insufficient_scope",
};

/**
 * The answer to a request that threw; a fault of our own is logged.
 * @param request its name in the log
 */
export function answerTo(error: unknown, log: Logger, request: string): ProblemAnswer {
  if (error instanceof Rejected) {
    const answer = problemAnswer(error.problem, error.message, error.faults);
    if (error.retryAfter !== null) answer.headers["retry-after"] = String(error.retryAfter);
    const challenge = BEARER_ERRORS[error.problem];
    // RFC 7617 §2.
    if (error.problem === "wrong-credentials") answer.headers["www-authenticate"] = 'Basic realm="carriers"';
    if (challenge !== undefined) answer.headers["www-authenticate"] = `Bearer error="${challenge}"`;
    // RFC 9110 §12.5.3.
    if (error.problem === "unsupported-content-coding") answer.headers["accept-encoding"] = "identity";
    // The end of its body is not certain.
    if (error.problem === "unsupported-transfer-coding") answer.headers.connection = "close";
    return answer;
  }
  const { code, statusCode, message } = asError(error) as FastifyError;
  if (isTransientDatabaseError(error)) {
    const answer = problemAnswer("store-unavailable", "The store is out of reach.");
    answer.headers["retry-after"] = "1";
    return answer;
  }
  if (code === BODY_TOO_LARGE) return problemAnswer("body-too-large", BODY_TOO_LARGE_DETAIL);
  if (statusCode !== undefined && statusCode < 500) return problemAnswer("malformed-request", message);
  log.error({ err: asError(error), request }, "a request failed");
  return problemAnswer(
    "internal-error",
    "The fault is noted in the server's log; nothing of this request is promised.",
  );
}

export function problemAnswer(name: ProblemName, detail: string, faults: Rejected["faults"] = []): ProblemAnswer {
  return {
    status: PROBLEMS[name].status,
    headers: { "content-type": PROBLEM_MEDIA_TYPE, "cache-control": NO_STORE },
    body: JSON.stringify(problem(name, detail, faults)),
  };
}
