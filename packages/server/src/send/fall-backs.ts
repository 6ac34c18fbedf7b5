import type { Pool } from "pg";
import { Batcher } from "../runtime/batcher.ts";
import type { Logger } from "../runtime/log.ts";
import { fallBackInHand } from "../store/fall-back.ts";
import type { Partitions } from "../store/partition-names.ts";
import { persistently } from "../store/persistently.ts";

export interface FallBacksOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  /** This worker's number now. */
  worker(): number;
}

/** Notes in the store that messages in hand are at their next channel, before they go there. */
export class FallBacks {
  readonly #line: Batcher<string, boolean>;
  readonly #stop = new AbortController();

  constructor({ pool, partitions, log, worker }: FallBacksOptions) {
    this.#line = new Batcher<string, boolean>({
      maxWeight: 1_000,
      maxInFlight: 1,
      isCommonFault: () => this.#stop.signal.aborted,
      flush: (ids) =>
        persistently(log, this.#stop.signal, async () => {
          const moved = await fallBackInHand(pool, partitions, ids, worker());
          return ids.map((id) => moved.has(id));
        }),
    });
  }

  /** Resolves once it is committed. False: the message is not this worker's any more. */
  note(id: string): Promise<boolean> {
    return this.#line.add(id);
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#stop.abort();
  }
}
