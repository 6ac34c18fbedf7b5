import type { Pool } from "pg";
import type { Registry } from "prom-client";
import { carrierMetrics } from "../carriers/metrics.ts";
import { shareOf } from "../config/engines.ts";
import { addressPolicyOf } from "../network/policy.ts";
import { type DeliverOverSmpp, SmppDeliveries } from "../notify/smpp/deliveries.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import { createRegistry, droppedSpans, engineMetrics } from "../runtime/metrics.ts";
import { PLAN_SETTINGS } from "../store/plan-settings.ts";
import { createPool } from "../store/pool.ts";
import { StoreWatch, type StoreWatchOptions } from "../store/watch.ts";
import { Engine } from "./engine.ts";
import type { EngineOptions } from "./engine-options.ts";
import type { Reloaded } from "./stage.ts";
import { TraceExport } from "./trace-export.ts";
import { Tracing } from "./tracing.ts";

export interface EngineParts {
  /** Its number in the program, from 1. */
  number: number;
  /** The name of its process: engine, engine-2. */
  name: string;
  /** The whole program's. */
  reloaded: Reloaded;
  pool: Pool;
  store: StoreWatch;
  log: Logger;
  publicUrl: EngineOptions["publicUrl"];
  onState: EngineOptions["onState"];
  /** Delivers to customers who are bound to the program. */
  deliver: DeliverOverSmpp;
}

/** How long a start waits for a store that is out of reach just now, in ms. */
export const START_PATIENCE_MS = 30_000;
/** How long an engine may end its work in memory, of the ten seconds of a stop, in ms. */
export const DRAIN_MS = 7_000;
/** Most connections of an engine, without the two that watch and listen. */
const CONNECTIONS = 10;

/** The connections of an engine's process to the store. */
export function storeOf(
  name: string,
  { database, folder, minFreeBytes, log }: Pick<StoreWatchOptions, "database" | "folder" | "minFreeBytes" | "log">,
): { pool: Pool; store: StoreWatch } {
  const pool = createPool(database, {
    max: CONNECTIONS,
    applicationName: `mplus ${name}`,
    sessionSettings: PLAN_SETTINGS,
  });
  const applicationName = `mplus ${name} watch`;
  const store = new StoreWatch({ database, applicationName, log, pool, cutsHeld: false, folder, minFreeBytes });
  return { pool, store };
}

/** An engine with the log, the metrics and the traces of its process. */
export interface MadeEngine {
  engine: Engine;
  log: Logger;
  registry: Registry;
  traces: TraceExport | null;
}

/** Not started. */
export function makeEngine(parts: EngineParts): MadeEngine {
  const { number, name, reloaded, pool, store, log, publicUrl, onState, deliver } = parts;
  const config = shareOf(reloaded.config, number);
  const registry = createRegistry(name);
  const { url, sample } = config.tracing;
  const traces = url === null ? null : new TraceExport(url, name, config, log, droppedSpans(registry));
  const engine: Engine = new Engine(
    {
      number,
      config,
      pool,
      store,
      log,
      clock: systemClock,
      metrics: engineMetrics(registry, {
        buffered: () => engine.buffered,
        freeBytes: () => store.freeBytes,
        awaitingStandbySince: () => store.awaitingStandbySince,
      }),
      policy: addressPolicyOf(config),
      publicUrl,
      onState,
      smpp: new SmppDeliveries(deliver, config.smpp.keepReceipts),
      tracing: traces === null ? null : new Tracing({ pool, log, traces, sample }),
    },
    reloaded,
  );
  carrierMetrics(registry, () => engine.carriers);
  return { engine, log, registry, traces };
}
