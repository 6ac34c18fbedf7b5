import { availableParallelism } from "node:os";
import type { Config } from "./config.ts";

/** How many processes accept: one beside the engine's, more if there are cores for them. */
export function workersOf({ server }: Pick<Config, "server">): number {
  return server.workers === "auto" ? Math.max(1, Math.floor((availableParallelism() - 1) / 2)) : server.workers;
}
