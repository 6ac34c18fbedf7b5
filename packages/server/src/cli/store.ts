import type { ClientConfig } from "pg";
import type { Config } from "../config/config.ts";
import { createLog, type Logger } from "../runtime/log.ts";
import type { StoreConfig } from "../store/client.ts";
import { runningEmbedded, startEmbedded } from "../store/embedded/embedded.ts";

/** The log of a command that works on the store itself. */
export function commandLog(config: Config, name: string): Logger {
  return createLog({ level: config.log.level, name, readable: process.stderr.isTTY === true });
}

/** A signal stopped the command, which has undone its work. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

/**
 * Runs work on the configured database. The embedded one is started for it, and stopped afterwards, also when a signal stops
 * the command: that aborts the work's `interrupted`, and a second signal ends the command at once.
 * @param beside whether a program may use the embedded database meanwhile; else that rejects with EmbeddedDatabaseError
 */
export async function onStore<Result>(
  { database, dataDir }: Config,
  log: Logger,
  beside: "beside a program" | "alone",
  work: (database: StoreConfig, interrupted: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const inSchema = (server: ClientConfig): StoreConfig => {
    return database.schema === null ? server : { ...server, schema: database.schema };
  };
  const { signal, end } = interruption();
  try {
    if (database.url !== null) return await work(inSchema({ connectionString: database.url }), signal);
    const running = beside === "alone" ? null : await runningEmbedded(dataDir);
    if (running !== null) return await work(inSchema(running), signal);
    const embedded = await startEmbedded({ dataDir, log: (level, message) => log[level](message) });
    try {
      signal.throwIfAborted();
      return await work(inSchema(embedded.connection), signal);
    } finally {
      await embedded.stop();
    }
  } finally {
    end();
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborted by the first signal to stop, with the reason; `end` gives signals their usual effect again. */
function interruption(): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const onSignal = (name: string): void =>
    controller.abort(new InterruptedError(`stopped by ${name}: nothing is done`));
  const end = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  controller.signal.addEventListener("abort", end);
  for (const name of SIGNALS) process.on(name, onSignal);
  return { signal: controller.signal, end };
}
