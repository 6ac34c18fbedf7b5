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
  /** Called when webhooks were stored that wait to be claimed. */
  onWebhooks(): void;
}

/** Texts from handsets: passed on to accounts, and read for opt-outs. */
export interface TwoWay {
  inbound: Inbound;
  optOuts: OptOuts;
  /** Reads the accounts with opt-outs anew; woken when another program heard one. */
  refreshOptOuts: Poller;
  /** Uses these words from now on. */
  retune(senders: Config["senders"]): void;
  /** All jobs that run by the clock. */
  jobs: Poller[];
}

export function twoWay({ pool, log, clock, config, metrics, onWebhooks }: TwoWayOptions): TwoWay {
  const tell = (wakeup: Wakeup): void => {
    wakeOthers(pool, wakeup).catch((error: unknown) => log.debug({ err: asError(error) }, "nobody was told"));
  };
  const optOuts = new OptOuts(pool);
  const wordsOf = ({ optOut, optOutWords: stop, optInWords: start }: Config["senders"]) => {
    return { optOut, optOutWord: optOutWords({ stop, start }) };
  };
  const inbound = new Inbound({
    pool,
    log,
    clock,
    ...wordsOf(config.senders),
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
  const retune = (senders: Config["senders"]): void => {
    inbound.settings = wordsOf(senders);
  };
  return { inbound, optOuts, refreshOptOuts, retune, jobs: [closeStale, refreshOptOuts] };
}
