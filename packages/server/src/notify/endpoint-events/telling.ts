import type { Pool } from "pg";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/log.ts";
import { Poller } from "../../runtime/poller.ts";
import { forgetHealthy } from "../../store/webhooks/endpoint-health.ts";
import { forgetEndpointStates } from "../../store/webhooks/endpoint-states.ts";
import { tellEvents } from "./events.ts";

/** The interval of looks for due events, in ms; one that is held back by the rate waits at least a minute anyway. */
const TELL_MS = 2_000;
const REFRESH_MS = 10_000;
const FORGET_MS = 3_600_000;
const STATES_MS = 2_000;

export interface TellingOptions {
  pool: Pool;
  log: Logger;
  clock: Clock;
  /** Reads the failing endpoints anew. */
  refresh(): Promise<void>;
  /** Writes the states of endpoints. */
  recordStates(): Promise<void>;
  /** Called when events were stored as webhooks. */
  onTold(): void;
}

/** The work that reports to accounts on their endpoints. */
export interface Telling {
  /** Woken when there may be something to report. */
  tell: Poller;
  /** All jobs that run by the clock. */
  jobs: Poller[];
}

export function telling({ pool, log, clock, refresh, recordStates, onTold }: TellingOptions): Telling {
  const tell = new Poller("telling of endpoints", TELL_MS, log, async () => {
    const { told, more } = await tellEvents(pool, clock.now());
    if (told > 0) onTold();
    return more;
  });
  const jobs = [
    tell,
    new Poller("reading endpoints' health", REFRESH_MS, log, () => refresh().then(() => false)),
    new Poller("writing how endpoints do", STATES_MS, log, () => recordStates().then(() => false)),
    new Poller("forgetting healthy endpoints", FORGET_MS, log, async () => {
      await forgetHealthy(pool);
      await forgetEndpointStates(pool);
      return false;
    }),
  ];
  return { tell, jobs };
}
