import type { Pool } from "pg";
import type { Logger } from "../runtime/log.ts";
import { type FallBackRow, fallBackBuffered, fallBackRow } from "../store/messages/fall-back.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
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
  readonly #line: NotedLine<FallBackRow>;

  constructor({ pool, partitions, log, node }: FallBacksOptions) {
    this.#line = new NotedLine(log, (rows) => fallBackBuffered(pool, partitions, rows, node()));
  }

  /** Resolves once it is committed. False: the message is not this node's any more. */
  note({ id, said }: WaitingMessage, now: number): Promise<boolean> {
    return this.#line.note(fallBackRow(id, said ?? null, now));
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#line.abort();
  }
}
