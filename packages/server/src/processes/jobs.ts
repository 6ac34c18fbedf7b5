import type { Pool } from "pg";
import type { Config } from "../config/config.ts";
import { codeNumber } from "../message/code-number.ts";
import { firstIdAt } from "../message/id.ts";
import { FAILED } from "../message/lifecycle.ts";
import type { Ends } from "../receipt/ends.ts";
import { Parked, type ParkedOptions } from "../receipt/parked.ts";
import type { Progress } from "../receipt/progress.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { EngineMetrics } from "../runtime/metrics.ts";
import { Poller } from "../runtime/poller.ts";
import type { Sender } from "../send/sender.ts";
import { dropOldIdempotencyKeys } from "../store/accounts/idempotency-keys.ts";
import { erasePending } from "../store/handsets/erase-final.ts";
import { dropOldTold } from "../store/handsets/told-inbound.ts";
import { keepSweep, ownLostReceipts, usualLostReceipts } from "../store/messages/lost-receipts.ts";
import { oldestWaiting } from "../store/messages/oldest-waiting.ts";
import { lotsAside } from "../store/messages/unreadable-bundles.ts";
import { waitingCounts } from "../store/messages/waiting-counts.ts";
import { checkpoint } from "../store/upkeep/checkpoint.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { dropOldDays } from "../store/upkeep/retention.ts";
import type { StoreWatch } from "../store/watch.ts";
import { statsJobs } from "./stats-jobs.ts";

const POLL_MS = 1_000;
const SLOW_POLL_MS = 10_000;
const COUNT_POLL_MS = 30_000;
const RETENTION_POLL_MS = 3_600_000;
/** Rows of one sweep's step. */
const STEP = 1_000;
const NO_RECEIPT = codeNumber("5D");

export interface JobsOptions extends Pick<ParkedOptions, "profiles" | "carrierNumbers"> {
  pool: Pool;
  config: Config;
  log: Logger;
  clock: Clock;
  metrics: EngineMetrics;
  sender: Sender;
  progress: Progress;
  ends: Ends;
  partitions: Partitions;
}

export type StoreJobsOptions = Pick<JobsOptions, "pool" | "log" | "metrics"> & { store: StoreWatch };

/** What a program that sends does beside: it ends what has run out, in memory and in the store. */
export function carrierJobs(options: JobsOptions): Poller[] {
  const { pool, log, sender, progress, ends } = options;
  const parked = new Parked({ ...options, record: (receipt) => progress.recordReceipt(receipt) });
  return [
    new Poller("the look at what is in memory", POLL_MS, log, async () => {
      sender.sweepExpired();
      // As behind every wake-up there is a poll behind this one.
      sender.pump();
      return false;
    }),
    new Poller("the matching of parked receipts", POLL_MS, log, () => parked.match()),
    new Poller("the sweep of what expired in the store", SLOW_POLL_MS, log, async () => {
      return (await ends.expire(STEP)) === STEP;
    }),
    new Poller("the sweep for lost receipts", SLOW_POLL_MS, log, () => sweepReceipts(options)),
    new Poller("the erasure of what has ended", POLL_MS, log, () => erasePending(pool, STEP)),
    new Poller("the sweep of old idempotency keys", SLOW_POLL_MS, log, () => dropOldIdempotencyKeys(pool, STEP)),
    new Poller("the sweep of names of inbound texts", SLOW_POLL_MS, log, () => dropOldTold(pool, STEP)),
    ...statsJobs(options),
    ...(options.config.messages.retention === null ? [] : [retention(options, options.config.messages.retention)]),
  ];
}

/** Drops the days that are over, a short step in each run, so that a stop never waits for long. */
function retention({ pool, log, clock, partitions }: JobsOptions, seconds: number): Poller {
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

/** What every program does beside: it sees to the store, and looks how long its rows wait. */
export function storeJobs({ pool, store, log, metrics }: StoreJobsOptions): Poller[] {
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
    lotsAsideTold(pool, log, metrics),
  ];
}

/** Tells of each bundle that is set aside once: what nobody sends is lost to its sender unless somebody sees to it. */
function lotsAsideTold(pool: Pool, log: Logger, metrics: EngineMetrics): Poller {
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

/** Fails what was submitted and whose receipt is not to be waited for any longer. */
async function sweepReceipts({ pool, config, clock, metrics, ends }: JobsOptions): Promise<boolean> {
  const { validity, receiptMargin } = config.messages;
  const bound = firstIdAt(clock.now() - (validity + receiptMargin) * 1_000);
  const usual = await usualLostReceipts(pool, bound, receiptMargin, STEP);
  const lost = [...usual.lost, ...(await ownLostReceipts(pool, receiptMargin, STEP))];
  if (lost.length > 0) {
    metrics.lostReceipts(lost.length);
    await ends.finish(
      lost.map(({ id, code, fallback }) => ({ id, state: FAILED, code: code ?? NO_RECEIPT, fallback })),
    );
    ends.wakeFallenBack();
  }
  await keepSweep(pool, usual.until);
  return usual.more;
}
