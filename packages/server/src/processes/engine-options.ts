import type { Pool } from "pg";
import type { Config } from "../config/config.ts";
import type { AddressPolicy } from "../network/address.ts";
import type { SmppDeliveries } from "../notify/smpp/deliveries.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { EngineMetrics } from "../runtime/metrics.ts";
import type { StoreWatch } from "../store/watch.ts";
import type { Tracing } from "./tracing.ts";

/** The store's facts about the carriers, by their ids. */
export type CarrierNumbers = Map<string, { number: number; idForm: string | null }>;

export interface EngineOptions {
  /** Its number in the program, from 1: the first one's process is the main one. */
  number: number;
  /** With this engine's share of what carriers and receivers allow the program. */
  config: Config;
  pool: Pool;
  store: StoreWatch;
  log: Logger;
  clock: Clock;
  metrics: EngineMetrics;
  policy: AddressPolicy;
  smpp: SmppDeliveries;
  /** Null where nothing is traced. */
  tracing: Tracing | null;
  /** The program's URL from outside, without a slash at its end. */
  publicUrl(): string;
  /** Called when the number of messages in memory, or this node's number, has changed. */
  onState(state: { node: number; buffered: number }): void;
}
