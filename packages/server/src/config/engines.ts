import { availableParallelism } from "node:os";
import type { CarrierConfig } from "./carriers.ts";
import type { Sound } from "./kinds.ts";
import { type Workers, workersOf } from "./workers.ts";

/** The number of a program's engines, and each one's share of what carriers and receivers allow the program. */

/** The keys of the configuration that count here. */
interface Shared {
  engines: "auto" | number;
  roles: string[];
  carriers: CarrierConfig[];
  callbacks: { inFlight: number; perEndpoint: number };
}

/**
 * Least share of a carrier's throughput, messages a second: below it the burst of a tenth of a second (carriers/pace.ts) is one
 * message for each engine, and the carrier would see more of them at once than from one.
 */
const LEAST_THROUGHPUT = 10;
/** Most connections to the store of an engine and of an accepting process, and those that the embedded server has at least. */
const ENGINE_CONNECTIONS = 12;
const WORKER_CONNECTIONS = 10;
const EMBEDDED_CONNECTIONS = 100;
/** For commands beside the program, and PostgreSQL's own reserve of three. */
const SPARE_CONNECTIONS = 13;

/**
 * By "auto" one for two cores: an engine takes two fifths of a message's CPU time, so that one keeps 2.4 cores busy. The simulator
 * is for trials, which need no second.
 */
export function enginesOf(config: Shared, cores = availableParallelism()): number {
  const { engines, roles, carriers } = config;
  if (!roles.includes("carrier") && !roles.includes("webhooks")) return 1;
  if (engines !== "auto") return engines;
  if (carriers.some(({ type }) => type === "simulator")) return 1;
  return Math.max(1, Math.min(Math.floor(cores / 2), ...limitsOf(config).map(({ most }) => most)));
}

/** Faults of a number of engines that cannot share what the program may have. */
export function engineFaults(config: Sound<Shared>): string[] {
  const { engines } = config;
  if (engines === undefined || engines === "auto") return [];
  const exceeded = limitsOf(config).filter(({ most }) => engines > most);
  return exceeded.map(({ path, most }) => `engines: ${engines} cannot share ${path}, which is enough for ${most}`);
}

/** The configuration of one of a program's engines, from 1: with its share of binds, windows, throughputs and requests. */
export function shareOf<Whole extends Shared>(config: Whole, engine: number): Whole {
  const of = enginesOf(config);
  if (of === 1) return config;
  const share = (whole: number): number => Math.max(1, Math.floor(whole / of) + Number(engine <= whole % of));
  const { callbacks, carriers } = config;
  return {
    ...config,
    callbacks: { ...callbacks, inFlight: share(callbacks.inFlight), perEndpoint: share(callbacks.perEndpoint) },
    carriers: carriers.map((carrier) => {
      if (carrier.type === "simulator") return carrier;
      const throughput = carrier.throughput / of;
      // The window of SMPP is each bind's.
      if (carrier.type === "smpp") return { ...carrier, throughput, binds: share(carrier.binds) };
      return { ...carrier, throughput, window: share(carrier.window) };
    }),
  };
}

/** Most connections of the program to the store. */
export function connectionsOf(config: Shared & Workers): number {
  return ENGINE_CONNECTIONS * enginesOf(config) + WORKER_CONNECTIONS * workersOf(config);
}

/** The `max_connections` of the embedded server. */
export function embeddedConnections(config: Shared & Workers): number {
  return Math.max(EMBEDDED_CONNECTIONS, connectionsOf(config) + SPARE_CONNECTIONS);
}

/** A setting that engines share, and the most engines that it is enough for. */
interface Limit {
  path: string;
  most: number;
}

function limitsOf({ roles, carriers = [], callbacks }: Sound<Shared>): Limit[] {
  const limits: Limit[] = [];
  const add = (path: string, whole: number | undefined): void => {
    if (whole !== undefined) limits.push({ path, most: Math.max(1, Math.floor(whole)) });
  };
  add("callbacks.inFlight", callbacks?.inFlight);
  add("callbacks.perEndpoint", callbacks?.perEndpoint);
  if (roles?.includes("carrier") !== true) return limits;
  carriers.forEach((carrier, index) => {
    const path = `carriers[${index}]`;
    if (carrier?.type === "smpp") add(`${path}.binds`, carrier.binds);
    else if (carrier?.type === "rcs" || carrier?.type === "http") add(`${path}.window`, carrier.window);
    else return;
    // 0 is without a limit.
    if (carrier.throughput) add(`${path}.throughput`, carrier.throughput / LEAST_THROUGHPUT);
  });
  return limits;
}
