import { RevokedKeyError } from "../account/defaults.ts";
import { ConfigError } from "../config.ts";
import { BackupError } from "../store/backup/format.ts";
import { EmbeddedDatabaseError } from "../store/embedded/error.ts";
import { MigrationError } from "../store/migrate.ts";

/** What a person can mend: said in one sentence, without a stack. */
const EXPLAINED = [ConfigError, RevokedKeyError, EmbeddedDatabaseError, MigrationError, BackupError];

/** Why a command failed, for who gave it. */
export function explain(error: NodeJS.ErrnoException): string | undefined {
  if (error.code === "EADDRINUSE") {
    return `${error.message}: another program listens there; --port or MPLUS_SERVER_PORT names another port`;
  }
  const known = error.code !== undefined || EXPLAINED.some((type) => error instanceof type);
  return known ? error.message : error.stack;
}
