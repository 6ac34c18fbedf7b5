/** What a person can mend: said in one sentence, without a stack. By name, so that nothing is loaded for it. */
const EXPLAINED = new Set([
  "BackupError",
  "ConfigError",
  "EmbeddedDatabaseError",
  "MigrationError",
  "NoAnswerError",
  "NoKeyError",
  "ProblemError",
  "RequestError",
  "RevokedKeyError",
]);

/** Why a command failed, for who gave it. */
export function explain(error: NodeJS.ErrnoException): string | undefined {
  if (error.code === "EADDRINUSE") {
    return `${error.message}: another program listens there; --port or MPLUS_SERVER_PORT names another port`;
  }
  return error.code !== undefined || EXPLAINED.has(error.name) ? error.message : error.stack;
}
