import type { Pool } from "pg";
import { GroupCommit } from "../runtime/group-commit.ts";
import type { Logger } from "../runtime/log.ts";
import { type FallBackRow, fallBackBuffered } from "../store/messages/fall-back.ts";
import { type IntentRow, recordIntents } from "../store/messages/record-intents.ts";
import { persistently } from "../store/retry.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";

/** Changes to messages in memory that must be committed before these go on, many in one statement. */
export class GroupNote<Row extends { id: string }> {
  readonly #commits: GroupCommit<Row, boolean>;
  readonly #stop = new AbortController();

  /** @param write returns the ids of messages that are still this node's, with their change committed */
  constructor(log: Logger, write: (rows: readonly Row[]) => Promise<ReadonlySet<string>>) {
    this.#commits = new GroupCommit<Row, boolean>({
      maxWeight: 1_000,
      maxInFlight: 1,
      isCommonFault: () => this.#stop.signal.aborted,
      flush: (rows) =>
        persistently(log, this.#stop.signal, async () => {
          const noted = await write(rows);
          return rows.map(({ id }) => noted.has(id));
        }),
    });
  }

  /** Resolves after the commit. False: the message is no longer this node's. */
  note(row: Row): Promise<boolean> {
    return this.#commits.add(row);
  }

  /** Gives up the work that still waits for a database that does not answer. */
  abort(): void {
    this.#stop.abort();
  }
}

export interface NotingOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  /** This node's number now. */
  node(): number;
}

/**
 * Notes which messages are about to be submitted, before they are, and which are not after all: so that where nothing must
 * be sent twice, whoever takes over from a process that died knows what it may have sent. One update more per message.
 */
export function intentLine({ pool, partitions, log, node }: NotingOptions): GroupNote<IntentRow> {
  return new GroupNote(log, (rows) => recordIntents(pool, partitions, rows, node()));
}

/** Notes that messages in memory are at their next channel, before they go there. */
export function fallBackLine({ pool, partitions, log, node }: NotingOptions): GroupNote<FallBackRow> {
  return new GroupNote(log, (rows) => fallBackBuffered(pool, partitions, rows, node()));
}
