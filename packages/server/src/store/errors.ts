export { isTransientDatabaseError } from "../runtime/database-errors.ts";

/** The statement names a table that is not there (any more). */
export function isUndefinedTable(error: unknown): boolean {
  return (error as { code?: unknown }).code === "42P01";
}

/** The statement took longer than it may. */
export function isTooSlow(error: unknown): boolean {
  return (error as { code?: unknown }).code === "57014";
}

/** The server takes no writes: it was a primary, or is a standby. */
export function isReadOnly(error: unknown): error is Error {
  return (error as { code?: unknown }).code === "25006";
}

/** There is a row with that key. */
export function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: unknown }).code === "23505";
}
