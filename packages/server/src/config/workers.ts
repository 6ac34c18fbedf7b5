import { availableParallelism } from "node:os";

/** The key of the configuration that counts here. */
export interface Workers {
  server: { workers: "auto" | number };
}

/** How many processes accept: one beside the engine's, more if there are cores for them. */
export function workersOf({ server }: Workers): number {
  return server.workers === "auto" ? Math.max(1, Math.floor((availableParallelism() - 1) / 2)) : server.workers;
}
