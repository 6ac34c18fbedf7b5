import type { Pool } from "pg";
import type { Logger } from "../runtime/log.ts";
import { type IntentRow, recordIntents } from "../store/messages/record-intents.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { NotedLine } from "./noted-line.ts";

export interface SubmitIntentsOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  /** This node's number now. */
  node(): number;
}

/**
 * Notes in the store which messages are about to be submitted, before they are: so that where nothing must be sent
 * twice, whoever takes over from a process that died knows what it may have sent. One update more per message.
 */
export class SubmitIntents {
  readonly #line: NotedLine<IntentRow>;

  constructor({ pool, partitions, log, node }: SubmitIntentsOptions) {
    this.#line = new NotedLine(log, (rows) => recordIntents(pool, partitions, rows, node()));
  }

  /** Resolves once it is committed. False: the message is not this node's any more, and must not be submitted. */
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
