import type { Pool } from "pg";
import type { HttpCarrierConfig } from "../config/carriers.ts";
import type { CarrierConfig, Config } from "../config/config.ts";
import { loopbackConnector } from "../network/loopback.ts";
import { operatorPolicyOf } from "../network/policy.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { CarrierEvents, WatchedCarrier } from "./carrier.ts";
import { HttpCarrier } from "./http/carrier.ts";
import { RcsCarrier } from "./rcs/carrier.ts";
import { SimulatorCarrier } from "./simulator/carrier.ts";
import { SmppCarrier } from "./smpp.ts";

export interface CarrierSurroundings {
  pool: Pool;
  log: Logger;
  clock: Clock;
  events: CarrierEvents;
  /** Where the program is reached from outside, without a slash at its end. */
  publicUrl(): string;
}

/** The path of a carrier's receipts, with its secret where it has one. */
function receiptPath({ id, auth }: HttpCarrierConfig): string {
  const secret = typeof auth === "object" && auth !== null && "secret" in auth ? `/${auth.secret}` : "";
  return `/carriers/${id}/receipts${secret}`;
}

/** The configured carriers, not started, by their ids and in their order. */
export function createCarriers(
  config: Config,
  numbers: ReadonlyMap<string, { number: number }>,
  { pool, log, clock, events, publicUrl }: CarrierSurroundings,
): Map<string, WatchedCarrier> {
  const policy = operatorPolicyOf(config);
  const connect = config.network === "loopback" ? loopbackConnector() : undefined;
  const make = (carrier: CarrierConfig, number: number): WatchedCarrier => {
    switch (carrier.type) {
      case "simulator":
        return new SimulatorCarrier({ config: carrier, number, pool, log, clock, events });
      case "smpp":
        return new SmppCarrier({ config: carrier, number, log, clock, events, connect });
      case "rcs":
        return new RcsCarrier({ config: carrier, number, log, clock, events, policy });
      case "http": {
        const receiptUrl = () => publicUrl() + receiptPath(carrier);
        return new HttpCarrier({ config: carrier, number, log, clock, events, policy, receiptUrl });
      }
    }
  };
  return new Map(
    config.carriers.map((carrier) => {
      const number = numbers.get(carrier.id)?.number ?? 0;
      return [carrier.id, make(carrier, number)];
    }),
  );
}
