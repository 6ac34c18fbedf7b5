import { GroupCommit } from "../runtime/group-commit.ts";
import type { Logger } from "../runtime/log.ts";
import { persistently } from "../store/retry.ts";

/** Notes of messages in memory that must be in the store before these go on, many in one statement. */
export class NotedLine<Row extends { id: string }> {
  readonly #line: GroupCommit<Row, boolean>;
  readonly #stop = new AbortController();

  /** @param write answers the ids of what is still this node's, and is noted now */
  constructor(log: Logger, write: (rows: readonly Row[]) => Promise<ReadonlySet<string>>) {
    this.#line = new GroupCommit<Row, boolean>({
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

  /** Resolves once it is committed. False: the message is not this node's any more. */
  note(row: Row): Promise<boolean> {
    return this.#line.add(row);
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#stop.abort();
  }
}
