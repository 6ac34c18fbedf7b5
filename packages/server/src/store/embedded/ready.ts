import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asError } from "../../runtime/errors.ts";
import { isTransientDatabaseError } from "../errors.ts";
import pg from "../pg.ts";
import { EmbeddedDatabaseError } from "./error.ts";
import type { Postmaster } from "./launch.ts";
import { type ProgramLock, takeLock } from "./lock.ts";

export type Log = (level: "debug" | "info" | "warn" | "error", message: string) => void;

/** A server listens before it recovers, so a socket that is not there for so long will not come. */
const NO_SOCKET_MS = 20_000;
const STILL_WAITING_MS = 10_000;
const NO_DATABASE = "3D000";

/** Takes the lock as soon as the server accepts connections, which after a crash is when it has recovered. */
export async function lockWhenReady(
  postmaster: Postmaster,
  connection: pg.ClientConfig,
  log: Log,
): Promise<ProgramLock | { heldBy: string } | "exited"> {
  let exited = false;
  void postmaster.exited.then(() => {
    exited = true;
  });
  const startedAt = Date.now();
  let saidAt = startedAt;
  let answeredAt = startedAt;
  while (!exited) {
    try {
      return await takeLock(connection).catch(async (error: { code?: string }) => {
        if (error.code !== NO_DATABASE) throw error;
        await createDatabase(connection);
        return takeLock(connection);
      });
    } catch (error) {
      if (!isTransientDatabaseError(error)) throw error;
      const now = Date.now();
      if (error instanceof pg.DatabaseError) answeredAt = now;
      if (now - answeredAt > NO_SOCKET_MS) {
        const socket = join(postmaster.socketFolder, ".s.PGSQL.5432");
        throw new EmbeddedDatabaseError(`PostgreSQL runs as process ${postmaster.pid}, but not at ${socket}`);
      }
      if (now - saidAt > STILL_WAITING_MS) {
        const seconds = Math.round((now - startedAt) / 1000);
        log("info", `the embedded PostgreSQL lets nobody in yet, after ${seconds} s: ${asError(error).message}`);
        saidAt = now;
      }
    }
    await sleep(10);
  }
  return "exited";
}

async function createDatabase(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...connection, database: "postgres" });
  // A loss of the connection rejects the query as well; unheard, its event would end the program.
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(connection.database!)}`);
  } catch (error) {
    // Another program was faster: it is there (42P04), or was made at the same moment (23505).
    if (!["42P04", "23505"].includes((error as { code?: string }).code ?? "")) throw error;
  } finally {
    await client.end();
  }
}
