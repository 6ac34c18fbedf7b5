import type { Pool } from "pg";
import type { HttpCarrierConfig } from "../config/carriers.ts";
import { type FilePrints, filesOf } from "../config/changes.ts";
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
  /** The program's URL from outside, without a slash at its end. */
  publicUrl(): string;
}

/** The path of a carrier's receipts, with its secret if it has one. */
function receiptPath({ id, auth }: HttpCarrierConfig): string {
  const secret = typeof auth === "object" && auth !== null && "secret" in auth ? `/${auth.secret}` : "";
  return `/carriers/${id}/receipts${secret}`;
}

type Numbers = ReadonlyMap<string, { number: number }>;

/** How long a carrier that is closed because its settings changed waits for answers under way, in ms. */
const CLOSE_MS = 3_000;

/** The configured carriers, in their order. */
export class Fleet {
  readonly #surroundings: CarrierSurroundings;
  #made = new Map<string, { carrier: WatchedCarrier; settings: string }>();

  /** Not started. */
  constructor(config: Config, numbers: Numbers, files: FilePrints, surroundings: CarrierSurroundings) {
    this.#surroundings = surroundings;
    this.#made = this.#make(config, numbers, files);
  }

  get all(): ReadonlyMap<string, WatchedCarrier> {
    return new Map([...this.#made].map(([id, { carrier }]) => [id, carrier]));
  }

  /**
   * Takes the carriers of another configuration; those with unchanged settings stay. Returns the work to do once the old
   * ones get no more messages: they are closed before their replacements bind.
   */
  replace(config: Config, numbers: Numbers, files: FilePrints): () => Promise<void> {
    const before = this.#made;
    this.#made = this.#make(config, numbers, files);
    const isNew = ([id, { carrier }]: [string, { carrier: WatchedCarrier }]) => before.get(id)?.carrier !== carrier;
    const begun = [...this.#made].filter(isNew).map(([id, { carrier }]) => ({ id, carrier }));
    const gone = [...before].filter(([id, { carrier }]) => this.#made.get(id)?.carrier !== carrier);
    const ends = new Map(gone.map(([id, { carrier }]) => [id, carrier.close(CLOSE_MS)]));
    return async () => {
      await Promise.all([
        ...ends.values(),
        ...begun.map(async ({ id, carrier }) => {
          await ends.get(id);
          await carrier.start();
        }),
      ]);
    };
  }

  #make(
    config: Config,
    numbers: Numbers,
    files: FilePrints,
  ): Map<string, { carrier: WatchedCarrier; settings: string }> {
    const { pool, log, clock, events, publicUrl } = this.#surroundings;
    const policy = operatorPolicyOf(config);
    const connect = config.network === "loopback" ? loopbackConnector() : undefined;
    const make = (carrier: CarrierConfig, number: number): WatchedCarrier => {
      switch (carrier.type) {
        case "simulator":
          return new SimulatorCarrier({ config: carrier, number, pool, log, clock, events });
        case "smpp":
          return new SmppCarrier({ config: carrier, number, log, clock, events, connect });
        case "rcs":
          return new RcsCarrier({ config: carrier, number, pool, log, clock, events, policy });
        case "http": {
          const receiptUrl = () => publicUrl() + receiptPath(carrier);
          return new HttpCarrier({ config: carrier, number, log, clock, events, policy, receiptUrl });
        }
      }
    };
    return new Map(
      config.carriers.map((carrier) => {
        const settings = JSON.stringify([carrier, filesOf(carrier).map((file) => file && files.get(file))]);
        const before = this.#made.get(carrier.id);
        if (before?.settings === settings) return [carrier.id, before];
        return [carrier.id, { carrier: make(carrier, numbers.get(carrier.id)?.number ?? 0), settings }];
      }),
    );
  }
}
