/** What a failure means for what happens next. Every error that crosses a stage is one of these three. */

/** One field at fault: `path` as in `messages[1].to`, `message` a sentence for its author. */
export interface Fault {
  path: string;
  message: string;
}

/** The caller's fault: answered with RFC 9457 problem details, nothing stored. */
export class Rejected extends Error {
  override readonly name = "Rejected";
  /** A name in the catalogue `http/problems.ts`. */
  readonly problem: string;
  readonly faults: readonly Fault[];
  /** Seconds for the `Retry-After` header, where the same request may succeed later. */
  readonly retryAfter: number | null;

  constructor(problem: string, detail: string, faults: readonly Fault[] = [], retryAfter: number | null = null) {
    super(detail);
    this.problem = problem;
    this.faults = faults;
    this.retryAfter = retryAfter;
  }
}

/** Final for one message: no retry can help. `code` is its receipt code. */
export class Permanent extends Error {
  override readonly name = "Permanent";
  readonly code: string;

  constructor(code: string, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

/** Passing: the same again after `retryAfterMs` may succeed. */
export class Transient extends Error {
  override readonly name = "Transient";
  readonly retryAfterMs: number;

  constructor(detail: string, retryAfterMs: number, options?: ErrorOptions) {
    super(detail, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Any thrown value as an Error, so that a log line always has a message and a stack. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
