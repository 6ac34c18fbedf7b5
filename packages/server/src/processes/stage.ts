import type { FilePrints } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import type { Poller } from "../runtime/poller.ts";
import type { Loop } from "../runtime/stuck.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import type { CarrierNumbers, EngineOptions } from "./engine-options.ts";

/** What all stages work with. */
export interface StageOptions extends EngineOptions {
  partitions: Partitions;
  /** This node's number now. */
  node(): number;
  /** Whether what is in memory is this node's beyond doubt. */
  holdsLease(): boolean;
}

/** What the store knows of what the configuration names, and the files that it names. */
export interface Named {
  carrierNumbers: CarrierNumbers;
  /** Numbers of the routes' accounts by their identifiers. */
  accounts: ReadonlyMap<string, number>;
  files: FilePrints;
}

/** Another configuration. */
export interface Reloaded extends Named {
  config: Config;
}

/** A step of the flow, as the engine starts and stops it. */
export interface Stage {
  /** Its work that goes by the clock. */
  readonly pollers: readonly Poller[];
  /** Its lines, in which what is to be committed waits. */
  readonly lines: readonly Loop[];
  /** Reads what it must know before the node takes anything. */
  prepare?(): Promise<void>;
  /** Begins, once the node is entered. The engine starts its pollers behind it. */
  start?(): Promise<void>;
  /**
   * Takes nothing more, and ends what is in memory; what is not ended in time is left to the store. Its pollers have ended.
   * @param leftMs the time that is left, in milliseconds
   */
  drain(leftMs: () => number): Promise<void>;
  /** Gives up what still waits for a store that does not answer. */
  abort(): void;
  /** Lets go of what is in memory: it is another node's. */
  abandon?(): void;
  /** Goes on with what is in memory after the store was out of reach. */
  resume?(): void;
  /** Claims what nobody has in memory. */
  wake?(): void;
}
