import type { Pool } from "pg";
import type { Config } from "../config.ts";
import { loopbackConnector } from "../network/loopback.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { CarrierEvents, WatchedCarrier } from "./carrier.ts";
import { SimulatorCarrier } from "./simulator/carrier.ts";
import { SmppCarrier } from "./smpp.ts";

export interface CarrierSurroundings {
  pool: Pool;
  log: Logger;
  clock: Clock;
  events: CarrierEvents;
}

/** The configured carriers, not started, by their ids and in their order. */
export function createCarriers(
  config: Config,
  numbers: ReadonlyMap<string, { number: number }>,
  { pool, log, clock, events }: CarrierSurroundings,
): Map<string, WatchedCarrier> {
  const connect = config.network === "loopback" ? loopbackConnector() : undefined;
  return new Map(
    config.carriers.map((carrier) => {
      const number = numbers.get(carrier.id)?.number ?? 0;
      const made =
        carrier.type === "simulator"
          ? new SimulatorCarrier({ config: carrier, number, pool, log, clock, events })
          : new SmppCarrier({ config: carrier, number, log, clock, events, connect });
      return [carrier.id, made];
    }),
  );
}
