import { setTimeout as sleep } from "node:timers/promises";
import pg from "../pg.ts";

/**
 * One program per database: an advisory lock, held by a connection, so that it is gone with the program that held it.
 * The number is ours alone within the database ("mplus" in ASCII).
 */
const LOCK = "0x6d706c7573";
const APPLICATION = "messaging-plus program ";
/** A killed program's lock goes when its server process notices; that takes milliseconds. */
const PATIENCE_MS = 2000;

export interface ProgramLock {
  /** Resolves when the connection is lost, and with it the lock. */
  lost: Promise<void>;
  release(): Promise<void>;
}

/** The lock, or the number of the process that holds it. Rejects with what PostgreSQL or the socket says. */
export async function takeLock(connection: pg.ClientConfig): Promise<ProgramLock | { heldBy: string }> {
  const client = new pg.Client({ ...connection, application_name: `${APPLICATION}${process.pid}` });
  const lost = new Promise<void>((settle) => {
    client.on("end", () => settle());
  });
  // The loss shows as the end of the connection, which follows.
  client.on("error", () => {});
  await client.connect();
  try {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      const { rows } = await client.query<{ taken: boolean; holder: string | null }>(TRY);
      const { taken, holder } = rows[0]!;
      if (taken) return { lost, release: () => client.end() };
      if (Date.now() > giveUpAt) {
        await client.end();
        return { heldBy: holder?.slice(APPLICATION.length) ?? "unknown" };
      }
      await sleep(50);
    }
  } catch (error) {
    await client.end();
    throw error;
  }
}

const TRY = `
  SELECT pg_try_advisory_lock(${LOCK}) AS taken,
    (SELECT min(a.application_name)
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = (${LOCK} >> 32)::oid AND l.objid = (${LOCK} & 4294967295)::oid
       AND a.application_name LIKE '${APPLICATION}%') AS holder`;
