import type pg from "pg";
import { StoreClient } from "./client.ts";
import { hostsOf } from "./hosts.ts";
import { DatabaseUrlError, explainUnreachable } from "./unreachable.ts";

/** Work on the store as a whole takes the time that it takes, whatever a role's settings say. */
const UNHURRIED = { statement_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 };
/** A server lets in within milliseconds; one that takes so long is out of reach. */
export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * One connection, for work on the store as a whole, to the first host that takes writes where a URL names several. The
 * caller ends it.
 * @throws DatabaseUrlError where the server that a URL names cannot be reached or lets nobody in
 */
export async function connect(config: pg.ClientConfig, applicationName: string): Promise<pg.Client> {
  const hosts = hostsOf(config)?.urls.length ?? 1;
  const reasons: DatabaseUrlError[] = [];
  for (;;) {
    const own = { application_name: applicationName, connectionTimeoutMillis: CONNECT_TIMEOUT_MS };
    const client = new StoreClient({ ...config, ...own }, UNHURRIED);
    try {
      return await client.connect();
    } catch (error) {
      if (config.connectionString === undefined) throw error;
      reasons.push(explainUnreachable(error as Error, client));
    }
    if (reasons.length < hosts) continue;
    if (hosts === 1) throw reasons[0];
    throw new DatabaseUrlError(`none of its hosts takes writes: ${reasons.map(({ sentence }) => sentence).join("; ")}`);
  }
}
