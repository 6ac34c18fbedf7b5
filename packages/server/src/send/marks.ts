import type { Pool } from "pg";
import type { Logger } from "../runtime/log.ts";
import { type MarkRow, markSubmitting } from "../store/messages/mark-submitting.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { NotedLine } from "./noted-line.ts";

export interface MarksOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  /** This worker's number now. */
  worker(): number;
}

/**
 * Notes in the store which messages are about to be submitted, before they are: so that where nothing must be sent
 * twice, whoever takes over from a process that died knows what it may have sent. One update more per message.
 */
export class Marks {
  readonly #line: NotedLine<MarkRow>;

  constructor({ pool, partitions, log, worker }: MarksOptions) {
    this.#line = new NotedLine(log, (rows) => markSubmitting(pool, partitions, rows, worker()));
  }

  /** Resolves once it is committed. False: the message is not this worker's any more, and must not be submitted. */
  set(id: string, carrier: number): Promise<boolean> {
    return this.#line.note({ id, carrier });
  }

  /** Takes the mark back: the carrier said that it did not take the message. False as above. */
  clear(id: string): Promise<boolean> {
    return this.#line.note({ id, carrier: null });
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#line.abort();
  }
}
