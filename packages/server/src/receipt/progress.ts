import type { Pool } from "pg";
import { GroupCommit } from "../runtime/group-commit.ts";
import type { Logger } from "../runtime/log.ts";
import type { Loop } from "../runtime/stuck.ts";
import { keepDeadlines } from "../store/messages/fall-back.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import { persistently } from "../store/retry.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { EarlyReceipts } from "./early.ts";
import type { Ends } from "./ends.ts";
import { Matching, type MatchingOptions } from "./matching.ts";
import { recordAll } from "./outcomes.ts";
import { meet, type Receipt } from "./receipt.ts";

export interface ProgressOptions extends MatchingOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  /** This node's number now. */
  node(): number;
  ends: Ends;
}

const NONE: ReadonlySet<string> = new Set();

type Entry = { kind: "outcome"; outcome: SubmitOutcome } | { kind: "receipt"; receipt: Receipt };

/** At full speed 4 ms make flushes of about 30 instead of 12, and save PostgreSQL a fifth; a webhook is 4 ms later. */
const FLUSH_INTERVAL_MS = 4;

/**
 * Outcomes of submits and receipts, which move messages on. Both share one group commit, one flush at a time: a receipt
 * meets its outcome in the same flush (and one update writes both), or finds it committed, or comes first and is parked
 * until the outcome passes. Inside one program there is no fourth case to race with. `Parked` matches receipts that were
 * parked for another program's outcome.
 */
export class Progress implements Loop {
  readonly name = "the commits of outcomes and receipts";
  readonly #options: ProgressOptions;
  readonly #commits: GroupCommit<Entry, boolean>;
  readonly #early: EarlyReceipts;
  readonly #matching: Matching;
  readonly #stop = new AbortController();

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#early = new EarlyReceipts(options.pool);
    this.#matching = new Matching(options, options.ends, this.#early);
    this.#commits = new GroupCommit<Entry, boolean>({
      // Receipts go before the outcomes that came with them; cutting a flush would part them.
      maxWeight: Number.POSITIVE_INFINITY,
      maxInFlight: 1,
      minIntervalMs: FLUSH_INTERVAL_MS,
      isCommonFault: () => this.#stop.signal.aborted,
      flush: (entries) => this.#flush(entries),
    });
  }

  /** Calls `done` after the commit, with false if the message was no longer this node's and nothing changed. */
  pushOutcome(outcome: SubmitOutcome, done: (recorded: boolean | Error) => void): void {
    this.#commits.push({ kind: "outcome", outcome }, done);
  }

  /** Resolves once the receipt is committed, be it matched, parked or a repeat; then answer the carrier. */
  recordReceipt(receipt: Receipt): Promise<unknown> {
    return this.#commits.add({ kind: "receipt", receipt });
  }

  /** The same without a promise. */
  pushReceipt(receipt: Receipt, done: (recorded: boolean | Error) => void): void {
    this.#commits.push({ kind: "receipt", receipt }, done);
  }

  get dueAt(): number | null {
    return this.#commits.busySince;
  }

  drain(): Promise<void> {
    return this.#commits.drain();
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#stop.abort();
  }

  async #flush(entries: Entry[]): Promise<boolean[]> {
    const outcomes: SubmitOutcome[] = [];
    const receipts: Receipt[] = [];
    for (const entry of entries) {
      if (entry.kind === "outcome") outcomes.push(entry.outcome);
      else receipts.push(entry.receipt);
    }
    // Each step by itself: outcomes that are committed are not recorded again because what follows them fails.
    const again = <Result>(step: () => Promise<Result>) => persistently(this.#options.log, this.#stop.signal, step);
    const early = this.#early.takeFor(outcomes);
    // A parked receipt that is matched again in this moment is among these already.
    const inMemory = new Set(early.map(({ parkedId }) => parkedId));
    const others = inMemory.size === 0 ? receipts : receipts.filter(({ parkedId }) => !inMemory.has(parkedId));
    const { lost, settled, open } =
      outcomes.length === 0
        ? { lost: NONE, settled: [], open: others }
        : await again(() => this.#record(outcomes, others, early));
    await again(() => this.#early.unpark(settled));
    await again(() => this.#matching.settle(open));
    this.#options.ends.wakeFallenBack();
    return entries.map((entry) => entry.kind === "receipt" || !lost.has(entry.outcome.id));
  }

  /**
   * Records outcomes, with the receipts that they meet. Answers which receipts these were (`settled`), the others (`open`), and
   * which messages another node has taken over (`lost`).
   */
  async #record(
    outcomes: readonly SubmitOutcome[],
    receipts: readonly Receipt[],
    early: readonly Receipt[],
  ): Promise<{ lost: ReadonlySet<string>; settled: Receipt[]; open: Receipt[] }> {
    const { pool, partitions, node, ends } = this.#options;
    const { receiptOf, open } = meet(outcomes, receipts, early);
    const timed = outcomes.flatMap(({ id, receiptBy }) => (receiptBy === undefined ? [] : [{ id, receiptBy }]));
    if (timed.length > 0) await keepDeadlines(pool, partitions, timed, node());
    const { lost } = await ends.handingOn((of, lease) => recordAll(pool, partitions, outcomes, receiptOf, of, lease));
    const settled: Receipt[] = [];
    // The receipt of an outcome that was not recorded is for whatever the store knows.
    for (const [{ id }, receipt] of receiptOf) (lost.has(id) ? open : settled).push(receipt);
    return { lost, settled, open };
  }
}
