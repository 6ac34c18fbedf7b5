import type { Pool } from "pg";
import type { Config } from "../config/config.ts";
import type { Clock } from "../runtime/clock.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import type { EngineMetrics } from "../runtime/metrics.ts";
import { Poller } from "../runtime/poller.ts";
import { type Wakeup, wakeOthers } from "../store/wakeups.ts";
import { Inbound } from "./inbound.ts";
import { optOutWords } from "./opt-out-words.ts";
import { OptOuts } from "./opt-outs.ts";

const PARTS_POLL_MS = 5_000;
const OPT_OUTS_POLL_MS = 5_000;

export interface TwoWayOptions {
  pool: Pool;
  log: Logger;
  clock: Clock;
  config: Config;
  metrics: EngineMetrics;
  /** Webhooks were stored, to be claimed. */
  onWebhooks(): void;
}

/** What handsets write: messages that are passed on, and words that stop further messages to them. */
export interface TwoWay {
  inbound: Inbound;
  optOuts: OptOuts;
  /** Reads anew which handsets have opted out; to be woken when another program heard one. */
  refreshOptOuts: Poller;
  /** All work that goes by the clock. */
  jobs: Poller[];
}

export function twoWay({ pool, log, clock, config, metrics, onWebhooks }: TwoWayOptions): TwoWay {
  const tell = (wakeup: Wakeup): void => {
    wakeOthers(pool, wakeup).catch((error: unknown) => log.debug({ err: asError(error) }, "nobody was told"));
  };
  const optOuts = new OptOuts(pool);
  const inbound = new Inbound({
    pool,
    log,
    clock,
    optOut: config.senders.optOut,
    optOutWord: optOutWords({ stop: config.senders.optOutWords, start: config.senders.optInWords }),
    count: (outcome) => metrics.inbound(outcome),
    onPassedOn: ({ webhooks, optedOut }) => {
      if (optedOut.length > 0) {
        optOuts.add(optedOut.map(({ accountId }) => accountId));
        tell("optOuts");
      }
      if (webhooks === 0) return;
      onWebhooks();
      tell("webhooks");
    },
  });
  const closeStale = new Poller("the close of long messages that never came whole", PARTS_POLL_MS, log, () =>
    inbound.closeStale(),
  );
  const refreshOptOuts = new Poller("the look for handsets that have opted out", OPT_OUTS_POLL_MS, log, async () => {
    await optOuts.refresh();
    return false;
  });
  return { inbound, optOuts, refreshOptOuts, jobs: [closeStale, refreshOptOuts] };
}
