/** The embedded database cannot be used; the message says why and what else there is. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = "EmbeddedDatabaseError";

  constructor(reason: string, options?: ErrorOptions) {
    super(`${reason}. (DATABASE_URL names a PostgreSQL of your own instead.)`, options);
  }
}
