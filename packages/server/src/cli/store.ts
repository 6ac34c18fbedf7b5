import type { ClientConfig } from "pg";
import type { Config } from "../config/config.ts";
import { createLog, type Logger } from "../runtime/log.ts";
import { runningEmbedded, startEmbedded } from "../store/embedded/embedded.ts";

/** The log of a command that works on the store itself. */
export function commandLog(config: Config, name: string): Logger {
  return createLog({ level: config.log.level, name, readable: process.stderr.isTTY === true });
}

/**
 * Does work on the configured database. The embedded one is started for it, and stopped afterwards.
 * @param beside whether a program may use the embedded database meanwhile; else that rejects with EmbeddedDatabaseError
 */
export async function onStore<Result>(
  { database, dataDir }: Config,
  log: Logger,
  beside: "beside a program" | "alone",
  work: (database: ClientConfig) => Promise<Result>,
): Promise<Result> {
  if (database.url !== null) return work({ connectionString: database.url });
  const running = beside === "alone" ? null : await runningEmbedded(dataDir);
  if (running !== null) return work(running);
  const embedded = await startEmbedded({ dataDir, log: (level, message) => log[level](message) });
  try {
    return await work(embedded.connection);
  } finally {
    await embedded.stop();
  }
}
