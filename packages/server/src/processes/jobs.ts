import type { Pool } from "pg";
import type { Logger } from "../runtime/log.ts";
import type { EngineMetrics } from "../runtime/metrics.ts";
import { Poller } from "../runtime/poller.ts";
import { dropOldIdempotencyKeys } from "../store/accounts/idempotency-keys.ts";
import { erasePending } from "../store/handsets/erase-final.ts";
import { dropOldTold } from "../store/handsets/told-inbound.ts";
import { oldestWaiting } from "../store/messages/oldest-waiting.ts";
import { lotsAside } from "../store/messages/unreadable-bundles.ts";
import { waitingCounts } from "../store/messages/waiting-counts.ts";
import { checkpoint } from "../store/upkeep/checkpoint.ts";
import { indexDay } from "../store/upkeep/day-indexes.ts";
import { dropOldDays } from "../store/upkeep/retention.ts";
import type { EngineOptions } from "./engine-options.ts";
import type { StageOptions } from "./stage.ts";
import { statsJobs } from "./stats-jobs.ts";

const POLL_MS = 1_000;
const SLOW_POLL_MS = 10_000;
const COUNT_POLL_MS = 30_000;
const RETENTION_POLL_MS = 3_600_000;
const INDEX_POLL_MS = 600_000;
/** Rows of one sweep's step. */
const STEP = 1_000;

/** Jobs on the history of messages: erasing, adding up, dropping. */
export function historyJobs(options: StageOptions): Poller[] {
  const { pool, log, config } = options;
  return [
    new Poller("the erasure of what has ended", POLL_MS, log, () => erasePending(pool, STEP)),
    new Poller("the sweep of old idempotency keys", SLOW_POLL_MS, log, () => dropOldIdempotencyKeys(pool, STEP)),
    new Poller("the sweep of names of inbound texts", SLOW_POLL_MS, log, () => dropOldTold(pool, STEP)),
    ...statsJobs(options),
    new Poller("the indexes of days that are over", INDEX_POLL_MS, log, (signal) => {
      return indexDay(pool, options.clock.now(), signal);
    }),
    ...(config.messages.retention === null ? [] : [retention(options, config.messages.retention)]),
  ];
}

/** Drops old days, a short step in each run, so that a stop never waits for long. */
function retention({ pool, log, clock, partitions }: StageOptions, seconds: number): Poller {
  let days: AsyncGenerator<void, string[]> | undefined;
  return new Poller("the end of old history", RETENTION_POLL_MS, log, async () => {
    days ??= dropOldDays(pool, clock.now(), seconds * 1_000);
    const step = await days.next().catch((error: unknown) => {
      days = undefined;
      throw error;
    });
    if (step.done !== true) return true;
    days = undefined;
    if (step.value.length > 0) log.info({ days: step.value }, "dropped history that is older than messages.retention");
    await partitions.refresh(pool);
    return false;
  });
}

/** Jobs of every program: the store's upkeep, and how long its rows wait. */
export function storeJobs({ pool, store, log, metrics }: EngineOptions): Poller[] {
  return [
    new Poller("the checkpoint where the disk is nearly full", SLOW_POLL_MS, log, async () => {
      if (store.full) await checkpoint(pool);
      return false;
    }),
    new Poller("the look for what waits longest", SLOW_POLL_MS, log, async () => {
      metrics.oldestWaiting(await oldestWaiting(pool));
      return false;
    }),
    new Poller("the count of what waits", COUNT_POLL_MS, log, async () => {
      const { failing, probed, ...stages } = await waitingCounts(pool);
      metrics.waiting({ stages, endpoints: { failing, probed } });
      return false;
    }),
    reportBundlesAside(pool, log, metrics),
  ];
}

/** Reports each bundle that is set aside once: its messages are lost to their sender unless somebody acts. */
function reportBundlesAside(pool: Pool, log: Logger, metrics: EngineMetrics): Poller {
  const told = new Set<string>();
  return new Poller("the look at bundles that are set aside", SLOW_POLL_MS, log, async () => {
    const aside = await lotsAside(pool);
    metrics.unreadable(aside.reduce((sum, { messages }) => sum + messages, 0));
    for (const { id, messages } of aside) {
      if (told.has(id)) continue;
      told.add(id);
      log.error(
        { bundle: id, messages },
        "accepted messages cannot be read, and are set aside: written by another version of this program, or damaged",
      );
    }
    return false;
  });
}
