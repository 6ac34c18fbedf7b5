import type { ProblemName } from "./problems.ts";

/** One field at fault: `path` as in `messages[1].to`, `message` a sentence for its author. */
export interface FieldFault {
  path: string;
  message: string;
}

/*
 * The errors that one stage throws and another handles; what else a stage throws is a fault of ours, or of the store
 * (database-errors.ts), to whoever called it.
 */

/** The caller's fault: answered with RFC 9457 problem details, nothing stored. */
export class Rejected extends Error {
  override readonly name = "Rejected";
  readonly problem: ProblemName;
  readonly faults: readonly FieldFault[];
  /** Seconds for the `Retry-After` header, if the same request may succeed later. */
  readonly retryAfter: number | null;

  constructor(
    problem: ProblemName,
    detail: string,
    faults: readonly FieldFault[] = [],
    retryAfter: number | null = null,
  ) {
    super(detail);
    this.problem = problem;
    this.faults = faults;
    this.retryAfter = retryAfter;
  }
}

/** The refusal of a request for its fields. */
export function invalid(faults: readonly FieldFault[]): Rejected {
  return new Rejected("invalid-request", "The request has faults; each is named in errors.", faults);
}

/** The account was deactivated since its key was looked up. */
export class AccountDeactivated extends Error {
  override readonly name = "AccountDeactivated";
}

/** Somebody locked a number first that a request was to have. Nothing of it is stored; another number is to be found. */
export class NumberTaken extends Error {
  override readonly name = "NumberTaken";
}

/** Any thrown value as an Error, so that a log line always has a message and a stack. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
