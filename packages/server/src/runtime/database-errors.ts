/**
 * PostgreSQL's SQLSTATEs (its documentation, appendix A) after which the same statement may succeed: connection lost
 * (08), not enough resources (53), the server going down or coming up (57P01–57P03), a statement that took too long
 * (57014), a serialization failure or a deadlock (40001, 40P01), a commit whose outcome is unknown (40003), a lock not
 * had in time (55P03), a read-only server amid a switch-over (25006); and a server that lets nobody in for now: no
 * such user or password (28), no such database (3D000), or one that takes no connections (55000).
 */
const TRANSIENT_STATE = /^(?:08...|53...|57P0[123]|57014|40001|40003|40P01|55P03|25006|28...|3D000|55000)$/;

/** A server that is out of reach: Node's codes for the socket, and for a missing socket file. */
const TRANSIENT_SYSTEM = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ENOENT",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** Messages of `pg` and `pg-pool` that come without a code. */
const TRANSIENT_MESSAGE =
  /^(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/;

/** Whether a statement that failed with `error` may succeed later, unchanged. If it was sent, its effect is unknown. */
export function isTransientDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isTransientDatabaseError);
  const { code } = error as { code?: unknown };
  if (typeof code !== "string") return TRANSIENT_MESSAGE.test(error.message);
  return TRANSIENT_STATE.test(code) || TRANSIENT_SYSTEM.has(code);
}

const CAUSES: readonly [RegExp, string][] = [
  [/^53100$/, "the store's disk is full"],
  [/^25006$/, "the store takes no writes"],
  [/^(?:40001|40P01)$/, "transactions of the store clash, and are done again"],
  [/^(?:57014|55P03)$|^Query read timeout/, "statements of the store take too long, and are done again"],
];

export const OUT_OF_REACH = "the store is out of reach: requests get 503, and what is under way waits";

/** The store's fault in an error after which the statement may succeed later; else null. */
export function causeOf(error: Error): string | null {
  if (!isTransientDatabaseError(error)) return null;
  const { code = error.message } = error as { code?: string };
  return CAUSES.find(([pattern]) => pattern.test(code))?.[1] ?? OUT_OF_REACH;
}
