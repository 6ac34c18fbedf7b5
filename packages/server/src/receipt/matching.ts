import type { Pool } from "pg";
import { firstIdAt } from "../message/id.ts";
import type { Clock } from "../runtime/clock.ts";
import { appendEvents } from "../store/messages/append-events.ts";
import { findReceiptTargets } from "../store/messages/find-receipt-targets.ts";
import { noteUnconfirmed } from "../store/messages/finish-messages.ts";
import { recordReceipts } from "../store/messages/record-receipts.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import type { IdForm } from "./candidates.ts";
import type { EarlyReceipts } from "./early.ts";
import type { Ends } from "./ends.ts";
import { storeIntermediates } from "./intermediates.ts";
import { sortOut } from "./matched.ts";
import { carriersOf, type Receipt, receiptKey, receiptRow } from "./receipt.ts";
import { inRounds } from "./rounds.ts";

export interface MatchingOptions {
  pool: Pool;
  partitions: Partitions;
  clock: Clock;
  /** The greatest age of a receipt's message, in milliseconds: validity and margin. Carriers reuse ids. */
  maxAgeMs: number;
  onIdForm(carrier: number, form: IdForm): void;
  onUnmatched(receipt: Receipt): void;
  /** Called when intermediate notifications wait to be claimed. */
  onIntermediates(): void;
}

/** Most receipts of one look-up: 50,000 at once took over a second, while nothing else ran. */
const SETTLED_AT_ONCE = 1_000;

/** Matches receipts to their messages in the store, and parks those whose message is unknown. */
export class Matching {
  readonly #options: MatchingOptions;
  readonly #ends: Ends;
  readonly #early: EarlyReceipts;

  constructor(options: MatchingOptions, ends: Ends, early: EarlyReceipts) {
    this.#options = options;
    this.#ends = ends;
    this.#early = early;
  }

  async settle(receipts: readonly Receipt[]): Promise<void> {
    // The finals of the first part are handed on while the next is looked up.
    for (let from = 0; from < receipts.length; from += SETTLED_AT_ONCE) {
      const some = receipts.slice(from, from + SETTLED_AT_ONCE);
      // What a carrier said on the way counts, and is told, before the end that came with it.
      await this.#settleInRounds(some.filter(({ state }) => state === null));
      await this.#settleInRounds(await this.#settleUsual(some.filter(({ state }) => state !== null)));
    }
  }

  async #settleInRounds(receipts: readonly Receipt[]): Promise<void> {
    for (const round of inRounds(receipts, receiptKey)) await this.#settleLong(round);
  }

  /**
   * Final receipts of messages of one part, by the likeliest spelling of their ids: nearly all, in one update. Returns the
   * others.
   */
  async #settleUsual(receipts: readonly Receipt[]): Promise<Receipt[]> {
    const { pool, partitions, clock, maxAgeMs } = this.#options;
    const usual = new Map<string, Receipt>();
    const rest: Receipt[] = [];
    for (const receipt of receipts) {
      const key = receiptKey(receipt);
      if (receipt.carrierMessageId === null || usual.has(key)) rest.push(receipt);
      else usual.set(key, receipt);
    }
    if (usual.size === 0) return rest;
    const rows = [...usual.values()].map(receiptRow);
    const days = partitions.recent("message", clock.now() - maxAgeMs, clock.now());
    const { finals } = await this.#ends.handingOn(async (node, lease) => {
      return { finals: await recordReceipts(pool, days, rows, node, lease) };
    });
    const done: Receipt[] = [];
    for (const row of finals) {
      const key = receiptKey(row);
      const receipt = usual.get(key);
      if (receipt !== undefined) done.push(receipt);
      usual.delete(key);
    }
    await this.#early.unpark(done);
    return [...rest, ...usual.values()];
  }

  /** Receipts of any kind, by every spelling of their ids. No two have the same key. */
  async #settleLong(receipts: readonly Receipt[]): Promise<void> {
    const { pool, partitions, clock, onIdForm, onUnmatched, onIntermediates } = this.#options;
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
    const { finish, parts, unconfirmed, events, intermediates, known, unmatched } = sortOut(receipts, targets);
    // First what was said, then what it makes of its messages: a crash in between has the carrier say it again.
    if (events.length > 0) await appendEvents(pool, partitions, events);
    if (intermediates.length > 0 && (await storeIntermediates(pool, intermediates, clock.now())) > 0) onIntermediates();
    if (parts.length > 0) await this.#ends.finishParts(parts);
    if (finish.length > 0) await this.#ends.finish(finish);
    if (unconfirmed.length > 0) await noteUnconfirmed(pool, unconfirmed);
    await this.#early.unpark(known);
    // Those that were parked before were counted then.
    const fresh = unmatched.filter(({ parkedId }) => parkedId === undefined);
    for (const receipt of fresh) if (receipt.state !== null) onUnmatched(receipt);
    await this.#early.park(fresh.filter(({ carrierMessageId }) => carrierMessageId !== null));
  }

  #since(): string {
    return firstIdAt(this.#options.clock.now() - this.#options.maxAgeMs);
  }
}
