import type { Clock } from "../runtime/clock.ts";
import type { Connections } from "../store/database.ts";

/** The store as what an organization does with its accounts, keys and credentials needs it. */
export interface StoreOptions {
  /** The store's connections, in an organization's turn. */
  databaseOf(organizationId: number): Connections;
  clock: Clock;
  /** Has every process forget what it remembers of keys; resolves once none trusts it any more. */
  keysChanged(): Promise<void>;
}
