import type { Pool, PoolClient } from "pg";
import { transaction } from "./database.ts";

/** Everybody else waits behind whoever waits for a table's lock, so nobody waits for one longer. */
const LOCK_MS = 100;
const TRIES = 10;
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * A transaction that needs locks on whole tables, given up and tried again where one is not had within 100 ms; null
 * where it is not had for two seconds, because somebody reads for long (a backup).
 */
export async function withBriefLocks<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result | null> {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      return await transaction(pool, async (client) => {
        await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
        return work(client);
      });
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_MS));
    }
  }
  return null;
}
