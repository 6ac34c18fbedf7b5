import { Batcher } from "../runtime/batcher.ts";
import type { Logger } from "../runtime/log.ts";
import { persistently } from "../store/retry.ts";

/** Notes of messages in hand that must be in the store before these go on, many in one statement. */
export class NotedLine<Row extends { id: string }> {
  readonly #line: Batcher<Row, boolean>;
  readonly #stop = new AbortController();

  /** @param write answers the ids of what is still this worker's, and is noted now */
  constructor(log: Logger, write: (rows: readonly Row[]) => Promise<ReadonlySet<string>>) {
    this.#line = new Batcher<Row, boolean>({
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

  /** Resolves once it is committed. False: the message is not this worker's any more. */
  note(row: Row): Promise<boolean> {
    return this.#line.add(row);
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#stop.abort();
  }
}
