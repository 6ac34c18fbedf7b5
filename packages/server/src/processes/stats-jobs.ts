import type { Pool } from "pg";
import type { Config } from "../config/config.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import { Poller } from "../runtime/poller.ts";
import { dropSums } from "../store/stats/drop-sums.ts";
import { foldCounts, STEP } from "../store/stats/fold-counts.ts";

const FOLD_MS = 10_000;
const DROP_MS = 3_600_000;
/** How long sums by the minute are kept, in ms: there are many, and people look at recent ones. */
export const MINUTES_KEPT_MS = 14 * 86_400_000;

export interface StatsJobsOptions {
  pool: Pool;
  config: Pick<Config, "stats">;
  log: Logger;
  clock: Clock;
}

/** Jobs of statistics: the counts of flushes are added up, and old sums are dropped. */
export function statsJobs({ pool, config, log, clock }: StatsJobsOptions): Poller[] {
  const keptMs = config.stats.retention * 1_000;
  return [
    new Poller("the sums of the statistics", FOLD_MS, log, async () => (await foldCounts(pool)) === STEP),
    new Poller("the end of old statistics", DROP_MS, log, async () => {
      const now = clock.now();
      const minutes = await dropSums(pool, "m", now - Math.min(keptMs, MINUTES_KEPT_MS));
      const hours = await dropSums(pool, "h", now - keptMs);
      const days = await dropSums(pool, "d", now - keptMs);
      return minutes || hours || days;
    }),
  ];
}
