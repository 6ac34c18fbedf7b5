import pg from "pg";
import { withSettings } from "./pool.ts";
import { explainUnreachable } from "./unreachable.ts";

/** What works on the store as a whole takes the time that it takes, whatever a role's settings say. */
export const UNHURRIED = { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 };
/** A server lets in within milliseconds; one that takes so long is out of reach. */
export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * One connection, for work on the store as a whole. The caller ends it.
 * @throws DatabaseUrlError where the server that a URL names cannot be reached or lets nobody in
 */
export async function connect(config: pg.ClientConfig, applicationName: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...withSettings(config, UNHURRIED),
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A loss of the connection shows in the query under way, or in the next.
  client.on("error", () => {});
  await client.connect().catch((error: Error) => {
    throw config.connectionString === undefined ? error : explainUnreachable(error, client);
  });
  return client;
}
