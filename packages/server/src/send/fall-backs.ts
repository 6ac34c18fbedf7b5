import type { Pool } from "pg";
import type { Logger } from "../runtime/log.ts";
import { fallBackBuffered } from "../store/messages/fall-back.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { NotedLine } from "./noted-line.ts";

export interface FallBacksOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  /** This node's number now. */
  node(): number;
}

/** Notes in the store that messages in memory are at their next channel, before they go there. */
export class FallBacks {
  readonly #line: NotedLine<{ id: string }>;

  constructor({ pool, partitions, log, node }: FallBacksOptions) {
    this.#line = new NotedLine(log, (rows) => {
      return fallBackBuffered(
        pool,
        partitions,
        rows.map(({ id }) => id),
        node(),
      );
    });
  }

  /** Resolves once it is committed. False: the message is not this node's any more. */
  note(id: string): Promise<boolean> {
    return this.#line.note({ id });
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#line.abort();
  }
}
