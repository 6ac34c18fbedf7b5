import type pg from "pg";
import { connect } from "./connect.ts";
import { DatabaseUrlError } from "./unreachable.ts";

/** A pooler gives out the server's connections in an order of its own, so that one look may not find it. */
const LOOKS = 3;
/** PgBouncer's answer to BEGIN where it lends a connection for a statement alone. */
const PROTOCOL_VIOLATION = "08P01";

/**
 * What a session keeps (settings, planned statements, LISTEN, the lock of a migration) holds through a pooler only where
 * that lends a connection of the server for as long as the client's lasts. One that lends it for a transaction is found
 * out by two clients that are on one connection of the server, or by a client that is on two.
 * @throws DatabaseUrlError where there is such a pooler
 */
export async function mustKeepSession(config: pg.ClientConfig, client: pg.Client): Promise<void> {
  const other = await connect(config, "messaging-plus migrate");
  try {
    for (let look = 0; look < LOOKS; look++) {
      const own = await backendOf(client);
      await other.query("BEGIN");
      if ((await backendOf(other)) === own || (await backendOf(client)) !== own) throw lendsBriefly();
      await other.query("ROLLBACK");
    }
  } catch (error) {
    throw (error as { code?: unknown }).code === PROTOCOL_VIOLATION ? lendsBriefly() : error;
  } finally {
    await other.end();
  }
}

async function backendOf(client: pg.Client): Promise<number> {
  return (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]!.pid;
}

function lendsBriefly(): DatabaseUrlError {
  return new DatabaseUrlError(
    "a pooler between lends connections for a transaction, and this program needs them for a session: set pool_mode = session there for it, or name the server itself",
  );
}
