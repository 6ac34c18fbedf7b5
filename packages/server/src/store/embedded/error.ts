/** The embedded database cannot be used; the message says why and what else there is. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = "EmbeddedDatabaseError";

  constructor(reason: string, options?: ErrorOptions) {
    super(`${reason}. (DATABASE_URL names a PostgreSQL of your own instead.)`, options);
  }
}

/** Why one of the binaries could not be run. They are there, so on Linux ENOENT means their loader (execve(2)). */
export function whyNotRun(error: NodeJS.ErrnoException): string {
  if (process.platform !== "linux" || error.code !== "ENOENT") return error.message;
  return "the binaries need the C library glibc, which this system is without (Alpine Linux, for one, has musl)";
}
