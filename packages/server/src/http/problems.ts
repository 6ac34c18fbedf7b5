import type { Rejected } from "../runtime/errors.ts";

/** The catalogue of all problems that a caller can be answered with (RFC 9457). The same fault has the same type. */
export const PROBLEMS = {
  "invalid-key": { status: 400, title: "The key is missing or wrong" },
  "invalid-token": { status: 401, title: "The bearer token is wrong" },
  "malformed-request": { status: 400, title: "The request cannot be read" },
  "malformed-body": { status: 400, title: "The body is not JSON" },
  "unsupported-media-type": { status: 415, title: "The body is not JSON, and its type says so" },
  "unsupported-content-coding": { status: 415, title: "The body is encoded, and only plain ones are read" },
  "invalid-request": { status: 400, title: "The request has faults" },
  "credits-short": { status: 402, title: "There are not enough credits" },
  "insufficient-scope": { status: 403, title: "The key's scope does not open this" },
  "wrong-signature": { status: 403, title: "The signature is missing or wrong" },
  "sender-not-yours": { status: 403, title: "The sender ID is not yours" },
  "not-found": { status: 404, title: "There is no such thing here" },
  "method-not-allowed": { status: 405, title: "The method is not for this path" },
  "request-timeout": { status: 408, title: "The request did not arrive in time" },
  "identifier-used": { status: 409, title: "The identifier was used before" },
  "idempotency-key-used": { status: 409, title: "The idempotency key was used for another request" },
  "no-shared-number": { status: 409, title: "No shared number is left for the handset" },
  "sender-registered": { status: 409, title: "The sender ID is registered already" },
  "batch-not-pending": { status: 409, title: "The batch is not pending any more" },
  "too-many-secrets": { status: 409, title: "The account has as many secrets as it may" },
  "too-many-keys": { status: 409, title: "There are as many keys as there may be" },
  "last-admin-key": { status: 409, title: "It is the organization's last admin key" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "expectation-failed": { status: 417, title: "The request expects what is not known here" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "headers-too-large": { status: 431, title: "The request's header is too large" },
  "internal-error": { status: 500, title: "Something went wrong on our side" },
  "unsupported-transfer-coding": { status: 501, title: "The transfer coding is not known here" },
  "no-progress": { status: 503, title: "The program makes no progress" },
  "store-unavailable": { status: 503, title: "Nothing can be stored at the moment" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemName = keyof typeof PROBLEMS;

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { path: string; message: string }[];
}

export function isProblemName(name: string): name is ProblemName {
  return Object.hasOwn(PROBLEMS, name);
}

/** The URI reference that names a kind of problem: read against the request's URL, it leads to the reference's words. */
export function problemType(name: ProblemName): string {
  return `/docs#problem-${name}`;
}

/** The body of a problem answer. */
export function problem(name: ProblemName, detail: string, errors: Rejected["faults"] = []): Problem {
  const { status, title } = PROBLEMS[name];
  const type = problemType(name);
  return { type, title, status, detail, ...(errors.length > 0 ? { errors: [...errors] } : {}) };
}
