import type { FilePrints } from "../config/changes.ts";
import type { Config } from "../config/config.ts";
import type { Poller } from "../runtime/poller.ts";
import type { Loop } from "../runtime/stuck.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import type { CarrierNumbers, EngineOptions } from "./engine-options.ts";

/** Options that all stages share. */
export interface StageOptions extends EngineOptions {
  partitions: Partitions;
  /** This node's number now. */
  node(): number;
  /** Whether the rows in memory are this node's beyond doubt. */
  holdsLease(): boolean;
}

/** The store's numbers of names in the configuration, and the files that it names. */
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
  /** Its jobs that run by the clock. */
  readonly pollers: readonly Poller[];
  /** Its group commits. */
  readonly groupCommits: readonly Loop[];
  /** Reads the facts that it needs before the node takes anything. */
  prepare?(): Promise<void>;
  /** Begins, once the node has its number. The engine starts its pollers afterwards. */
  start?(): Promise<void>;
  /**
   * Takes nothing more, and ends its work in memory; the store keeps the rest. Its pollers have ended.
   * @param leftMs the time that is left, in milliseconds
   */
  drain(leftMs: () => number): Promise<void>;
  /** Gives up the work that still waits for a store that does not answer. */
  abort(): void;
  /** Drops its memory: other nodes have the rows. */
  abandon?(): void;
  /** Goes on with the work in memory after the store was out of reach. */
  resume?(): void;
  /** Claims rows that no memory holds. */
  wake?(): void;
}
