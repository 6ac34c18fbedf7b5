import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { connect } from "./connect.ts";
import { DatabaseUrlError } from "./unreachable.ts";

const LOOK_MS = 1_000;
/** A commit that is seen to wait so many times in a row is held. */
const LOOKS = 5;

export function standbyAway(): DatabaseUrlError {
  return new DatabaseUrlError(
    "commits wait for a synchronous standby that is away: start it, or take it out of synchronous_standby_names",
  );
}

/**
 * Awaits work on a connection whose statements may take any time, but not for a commit that waits for a synchronous
 * standby: no timeout of the server's ends that.
 * @throws DatabaseUrlError where there is such a commit; it may be done all the same once the standby is back
 */
export async function unlessHeld<Result>(
  config: pg.ClientConfig,
  client: pg.Client,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const other = await connect(config, "messaging-plus migrate");
  let over = false;
  const look = async (): Promise<never> => {
    for (let seen = 0; seen < LOOKS && !over; await sleep(LOOK_MS)) {
      const text = "SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'SyncRep'";
      seen = (await other.query(text, [rows[0]!.pid])).rowCount === 0 ? 0 : seen + 1;
    }
    throw standbyAway();
  };
  try {
    return await Promise.race([work(), look()]);
  } finally {
    over = true;
    await other.end();
  }
}
