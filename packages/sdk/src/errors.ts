/** The kinds of problem that the API answers. A server's reference, `/docs#problems`, explains them. */
export type ProblemName =
  | "invalid-key"
  | "invalid-token"
  | "malformed-request"
  | "malformed-body"
  | "unsupported-media-type"
  | "unsupported-content-coding"
  | "invalid-request"
  | "configuration-invalid"
  | "credits-short"
  | "insufficient-scope"
  | "wrong-credentials"
  | "wrong-signature"
  | "sender-not-yours"
  | "not-found"
  | "method-not-allowed"
  | "request-timeout"
  | "identifier-used"
  | "idempotency-key-used"
  | "no-shared-number"
  | "sender-registered"
  | "batch-not-pending"
  | "too-many-secrets"
  | "too-many-keys"
  | "too-many-credentials"
  | "system-id-used"
  | "last-admin-key"
  | "body-too-large"
  | "expectation-failed"
  | "too-many-requests"
  | "too-many-replays"
  | "headers-too-large"
  | "internal-error"
  | "unsupported-transfer-coding"
  | "overloaded"
  | "query-too-slow"
  | "no-progress"
  | "store-unavailable";

/** A field at fault: `path` as in `messages[1].to`, or `?limit` for a parameter of the query. */
export interface FieldFault {
  path: string;
  message: string;
}

/** Problem details (RFC 9457 §3.1). */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldFault[];
}

const PROBLEM = "/docs#problem-";

/** The server refused the request, or could not do it. `message` has the status, the detail, and a line per fault. */
export class ProblemError extends Error implements ProblemDetails {
  override readonly name = "ProblemError";
  /** As the server wrote it: `/docs#problem-not-found`. `about:blank` if the API did not give the answer. */
  readonly type: string;
  readonly title: string;
  /** The answer's status. */
  readonly status: number;
  readonly detail: string;
  /** The first 100 fields at fault; empty if no field is. */
  readonly errors: FieldFault[];
  /** Seconds until the same request may succeed (`Retry-After`); null if the server gave none. */
  readonly retryAfter: number | null;

  constructor({ type, title, status, detail, errors = [] }: ProblemDetails, retryAfter: number | null = null) {
    super([`${status}: ${detail}`, ...errors.map(({ path, message }) => `  ${path}: ${message}`)].join("\n"));
    this.type = type;
    this.title = title;
    this.status = status;
    this.detail = detail;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }

  /** The kind of problem, for `switch`; null if the API did not give the answer. */
  get problem(): ProblemName | null {
    return this.type.startsWith(PROBLEM) ? (this.type.slice(PROBLEM.length) as ProblemName) : null;
  }
}

/**
 * The API gave no answer: no connection, a broken one, or the deadline passed. The request may or may not have been done.
 * `cause` is the runtime's error.
 */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** Nothing was sent, because an identifier or the key is invalid. */
export class RequestError extends TypeError {
  override readonly name = "RequestError";
}
