import type { Pool } from "pg";
import { codeNumber } from "../message/code-number.ts";
import { firstIdAt } from "../message/id.ts";
import { FAILED } from "../message/lifecycle.ts";
import { finalReceiptLine } from "../message/story.ts";
import type { Clock } from "../runtime/clock.ts";
import { GroupCommit } from "../runtime/group-commit.ts";
import type { Logger } from "../runtime/log.ts";
import type { Loop } from "../runtime/stuck.ts";
import { type Database, transaction } from "../store/database.ts";
import { appendEvents } from "../store/messages/append-events.ts";
import { materializeExpiredBundles } from "../store/messages/bundles.ts";
import { expiredMessages } from "../store/messages/expired-messages.ts";
import { fallBackRow, fallBackSubmitted, keepDeadlines } from "../store/messages/fall-back.ts";
import type { FinalRow, WebhookLease } from "../store/messages/finals.ts";
import { findReceiptTargets } from "../store/messages/find-receipt-targets.ts";
import { type FinishRow, finishMessages, noteUnconfirmed } from "../store/messages/finish-messages.ts";
import { deleteParkedReceipts, keepLateReceipts, parkReceipts } from "../store/messages/parked-receipts.ts";
import { type PartReceipt, recordPartReceipts } from "../store/messages/parts.ts";
import { recordOutcomes } from "../store/messages/record-outcomes.ts";
import { type ReceiptRow, recordReceipts } from "../store/messages/record-receipts.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import { persistently } from "../store/retry.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import type { IdForm } from "./candidates.ts";
import { sortOut } from "./matched.ts";
import { recordAll } from "./outcomes.ts";
import { outcomesOf, type PartsOf } from "./part-outcomes.ts";
import { carriersOf, keyOf, keysOf, meet, type Receipt, receiptKey } from "./receipt.ts";
import { inRounds } from "./rounds.ts";
import { receiptEvent, receiptLine } from "./said.ts";

export interface ProgressOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  clock: Clock;
  /** How old a message can be that a receipt is for, in milliseconds: validity and margin. Carriers' ids repeat. */
  maxAgeMs: number;
  /** How long after a message's validity its receipt is waited for, in seconds. */
  receiptMargin: number;
  /** This node's number now. */
  node(): number;
  /** Who takes the webhooks of the next flush, and which endpoints not. */
  webhookLease(): WebhookLease;
  /** Messages that are final now; their webhooks are leased as `lease` says. */
  onFinals(finals: readonly FinalRow[], lease: WebhookLease): void;
  /** Messages wait to be claimed for their next channel. */
  onFallBack(): void;
  onIdForm(carrier: number, form: IdForm): void;
  onUnmatched(receipt: Receipt): void;
}

/** Its validity ended before a carrier took it. */
const TIME_TO_LIVE = codeNumber("51");
/** Sent, perhaps, and whether it arrived is not known. */
const OUTCOME_UNKNOWN = codeNumber("7A");
const NOBODY = 0;
const NONE: ReadonlySet<string> = new Set();

type Entry = { kind: "outcome"; outcome: SubmitOutcome } | { kind: "receipt"; receipt: Receipt };

/** At full speed 4 ms make flushes of some 30 instead of 12, and save PostgreSQL a fifth; a webhook is 4 ms later. */
const FLUSH_INTERVAL_MS = 4;
/** Receipts looked up in one statement: of 50,000 that came together one took over a second, and nobody else did anything. */
const SETTLED_AT_ONCE = 1_000;
/** Receipts that came before their submit's answer, kept in memory beside their parked row. */
const MAX_EARLY = 10_000;

/**
 * Where messages move on. Outcomes of submits and receipts go through one line, one flush at a time: a receipt either
 * meets its outcome in the same flush (and one update writes both), or finds it committed, or comes first and is
 * parked until the outcome passes. There is no fourth case to race with inside one program; receipts parked for an
 * outcome of another program are matched again by `Parked`.
 */
export class Progress implements Loop {
  readonly name = "the line of outcomes and receipts";
  readonly #options: ProgressOptions;
  readonly #line: GroupCommit<Entry, boolean>;
  readonly #early = new Map<string, Receipt>();
  readonly #stop = new AbortController();
  #fellBack = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#line = new GroupCommit<Entry, boolean>({
      // Receipts stand before the outcomes that came with them: a flush that were cut would part them.
      maxWeight: Number.POSITIVE_INFINITY,
      maxInFlight: 1,
      minIntervalMs: FLUSH_INTERVAL_MS,
      isCommonFault: () => this.#stop.signal.aborted,
      flush: (entries) => persistently(options.log, this.#stop.signal, () => this.#flush(entries)),
    });
  }

  /** Calls `done` once it is committed, with false where the message was not this node's any more and nothing was changed. */
  pushOutcome(outcome: SubmitOutcome, done: (recorded: boolean | Error) => void): void {
    this.#line.push({ kind: "outcome", outcome }, done);
  }

  /** Resolves once what the receipt says is committed, be it matched, parked or known already; then answer the carrier. */
  recordReceipt(receipt: Receipt): Promise<unknown> {
    return this.#line.add({ kind: "receipt", receipt });
  }

  /** The same without a promise. */
  pushReceipt(receipt: Receipt, done: (recorded: boolean | Error) => void): void {
    this.#line.push({ kind: "receipt", receipt }, done);
  }

  get dueAt(): number | null {
    return this.#line.busySince;
  }

  drain(): Promise<void> {
    return this.#line.drain();
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#stop.abort();
  }

  async #flush(entries: Entry[]): Promise<boolean[]> {
    const { pool, partitions, node, webhookLease, onFinals } = this.#options;
    const outcomes: SubmitOutcome[] = [];
    const receipts: Receipt[] = [];
    for (const entry of entries) {
      if (entry.kind === "outcome") outcomes.push(entry.outcome);
      else receipts.push(entry.receipt);
    }
    let lost: ReadonlySet<string> = NONE;
    let open = receipts;
    if (outcomes.length > 0) {
      const met = meet(outcomes, receipts, this.#takeEarly(outcomes));
      open = met.open;
      const timed = outcomes.flatMap(({ id, receiptBy }) => (receiptBy === undefined ? [] : [{ id, receiptBy }]));
      if (timed.length > 0) await keepDeadlines(pool, partitions, timed, node());
      const lease = webhookLease();
      const result = await recordAll(pool, partitions, outcomes, met.receiptOf, node(), lease);
      lost = result.lost;
      onFinals(result.finals, lease);
      const settled: Receipt[] = [];
      // The receipt of an outcome that was not recorded is for whatever the store knows.
      for (const [{ id }, receipt] of met.receiptOf) (lost.has(id) ? open : settled).push(receipt);
      await this.#unpark(settled);
    }
    // What the first of many make final is told while the next are looked up.
    for (let from = 0; from < open.length; from += SETTLED_AT_ONCE) {
      await this.#settle(open.slice(from, from + SETTLED_AT_ONCE));
    }
    this.#wakeFallenBack();
    return entries.map((entry) => entry.kind === "receipt" || !lost.has(entry.outcome.id));
  }

  /** Parked receipts of this program whose submit's answer has come now. */
  #takeEarly(outcomes: readonly SubmitOutcome[]): Receipt[] {
    if (this.#early.size === 0) return [];
    const found: Receipt[] = [];
    for (const { carrier, carrierIds } of outcomes) {
      for (const id of carrierIds) {
        const key = keyOf(carrier, id);
        const receipt = this.#early.get(key);
        if (receipt === undefined) continue;
        for (const each of keysOf(receipt)) this.#early.delete(each);
        found.push(receipt);
      }
    }
    return found;
  }

  /** Matches receipts in the store: the usual way, and what it leaves the long way. */
  async #settle(receipts: readonly Receipt[]): Promise<void> {
    const { pool, node, webhookLease, onFinals } = this.#options;
    const usual = new Map<string, Receipt>();
    const rest: Receipt[] = [];
    for (const receipt of receipts) {
      const key = keyOf(receipt.carrier, receipt.carrierMessageId);
      if (receipt.state === null || receipt.carrierMessageId === null || usual.has(key)) rest.push(receipt);
      else usual.set(key, receipt);
    }
    if (usual.size > 0) {
      const rows = [...usual.values()].map(toReceiptRow);
      const lease = webhookLease();
      const matched = await recordReceipts(pool, this.#recentPartitions(), rows, node(), lease);
      onFinals(matched, lease);
      const done: Receipt[] = [];
      for (const row of matched) {
        const key = keyOf(row.carrier, row.carrierMessageId);
        const receipt = usual.get(key);
        if (receipt !== undefined) done.push(receipt);
        usual.delete(key);
      }
      await this.#unpark(done);
      rest.push(...usual.values());
    }
    for (const round of inRounds(rest, receiptKey)) await this.#settleLong(round);
  }

  async #settleLong(receipts: readonly Receipt[]): Promise<void> {
    const { pool, partitions, onIdForm, onUnmatched } = this.#options;
    const spellings = receipts.map((receipt) => receipt.spellings());
    const candidates = receipts.flatMap((receipt, index) =>
      carriersOf(receipt).flatMap((carrier) =>
        receipt.numbers().flatMap((destination) =>
          spellings[index]!.map(({ id: carrierMessageId }, rank) => ({
            receipt: index,
            rank,
            carrier,
            carrierMessageId,
            destination,
          })),
        ),
      ),
    );
    const targets = await findReceiptTargets(pool, candidates, this.#since());
    for (const [index, { rank }] of targets) {
      if (rank > 0) onIdForm(receipts[index]!.carrier, spellings[index]![rank]!.form);
    }
    const { finish, parts, late, unconfirmed, events, known, unmatched } = sortOut(receipts, targets);
    // First what was said, then what it makes of its messages: a crash in between has the carrier say it again.
    if (events.length > 0) await appendEvents(pool, partitions, events);
    if (parts.length > 0) await this.#settleParts(parts);
    if (finish.length > 0) await this.#end(finish);
    if (late.length > 0) await keepLateReceipts(pool, late);
    if (unconfirmed.length > 0) await noteUnconfirmed(pool, unconfirmed);
    await this.#unpark(known);
    for (const receipt of unmatched) if (receipt.state !== null) onUnmatched(receipt);
    await this.#park(
      unmatched.filter((receipt) => receipt.carrierMessageId !== null && receipt.parkedId === undefined),
    );
  }

  async #settleParts(receipts: readonly (PartReceipt & PartsOf)[]): Promise<void> {
    const { pool, webhookLease, onFinals } = this.#options;
    const lease = webhookLease();
    const finals = await transaction(pool, async (client) => {
      const parts = await recordPartReceipts(client, receipts);
      return this.#finish(client, outcomesOf(parts, receipts), lease);
    });
    onFinals(finals, lease);
  }

  /** Makes submitted messages final and hands their webhooks on; those that may be tried by another channel are. */
  async finish(rows: readonly FinishRow[]): Promise<void> {
    await this.#end(rows);
    this.#wakeFallenBack();
  }

  async #end(rows: readonly FinishRow[]): Promise<void> {
    const { pool, webhookLease, onFinals } = this.#options;
    const lease = webhookLease();
    onFinals(await this.#finish(pool, rows, lease), lease);
  }

  async #finish(db: Database, rows: readonly FinishRow[], lease: WebhookLease): Promise<FinalRow[]> {
    const { partitions, node, receiptMargin, clock } = this.#options;
    const failing = rows.flatMap(({ id, state, fallback, events }) =>
      state === FAILED && fallback === true ? [fallBackRow(id, events ?? null, clock.now())] : [],
    );
    if (failing.length === 0) return finishMessages(db, partitions, rows, node(), lease);
    const gone = await fallBackSubmitted(db, partitions, failing, receiptMargin);
    this.#fellBack ||= gone.size > 0;
    const ended = rows.filter(({ id }) => !gone.has(id));
    return finishMessages(db, partitions, ended, node(), lease);
  }

  /**
   * Fails what nobody has in memory and whose validity is over, at most `limit`; answers how many. What a node that died
   * had begun to submit may have been sent.
   */
  async expire(limit: number): Promise<number> {
    const { pool, partitions, webhookLease, onFinals } = this.#options;
    await materializeExpiredBundles(pool);
    const expired = await expiredMessages(pool, limit);
    if (expired.length === 0) return 0;
    const rows = expired.map(({ id, carrier }) => {
      return {
        id,
        state: FAILED,
        carrier,
        carrierMessageId: null,
        code: carrier === null ? TIME_TO_LIVE : OUTCOME_UNKNOWN,
      };
    });
    const lease = webhookLease();
    // As nobody's: what was claimed meanwhile is the claimer's.
    const { finals } = await recordOutcomes(pool, partitions, rows, [], NOBODY, lease);
    onFinals(finals, lease);
    return expired.length;
  }

  /** Once those whose outcome this flush has recorded are out of hand: what is in memory is not claimed. */
  #wakeFallenBack(): void {
    if (this.#fellBack) setImmediate(this.#options.onFallBack);
    this.#fellBack = false;
  }

  async #park(receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const lines = ({ said, carrier }: Receipt): string => receiptLine(said, "applied", null, carrier);
    await parkReceipts(
      this.#options.pool,
      receipts.map((receipt) => ({ ...toReceiptRow(receipt), events: lines(receipt) })),
    );
    for (const receipt of receipts) {
      // One that is not final would take the place of that which is.
      if (receipt.state === null) continue;
      if (this.#early.size >= MAX_EARLY) this.#early.delete(this.#early.keys().next().value as string);
      for (const key of keysOf(receipt)) this.#early.set(key, receipt);
    }
  }

  async #unpark(receipts: readonly Receipt[]): Promise<void> {
    const ids = receipts.flatMap((receipt) => (receipt.parkedId === undefined ? [] : [receipt.parkedId]));
    if (ids.length > 0) await deleteParkedReceipts(this.#options.pool, ids);
  }

  #recentPartitions(): string[] {
    const { partitions, clock, maxAgeMs } = this.#options;
    return partitions.recent("message", clock.now() - maxAgeMs, clock.now());
  }

  #since(): string {
    return firstIdAt(this.#options.clock.now() - this.#options.maxAgeMs);
  }
}

function toReceiptRow(receipt: Receipt): ReceiptRow {
  const { carrier, destination, state, code, said, carrierMessageId } = receipt;
  return {
    carrier,
    carrierMessageId: carrierMessageId ?? "",
    destination,
    state: state ?? 0,
    code: codeNumber(code),
    events: finalReceiptLine(receiptEvent(said), carrierMessageId),
  };
}
