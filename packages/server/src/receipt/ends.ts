import type { Pool } from "pg";
import { codeNumber } from "../message/code-number.ts";
import { FAILED } from "../message/lifecycle.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Database, transaction } from "../store/database.ts";
import { materializeExpiredBundles } from "../store/messages/bundles.ts";
import { expiredMessages } from "../store/messages/expired-messages.ts";
import { fallBackRow, fallBackSubmitted } from "../store/messages/fall-back.ts";
import type { FinalRow, WebhookLease } from "../store/messages/finals.ts";
import { type FinishRow, finishMessages } from "../store/messages/finish-messages.ts";
import { type PartReceipt, recordPartReceipts } from "../store/messages/parts.ts";
import { recordOutcomes } from "../store/messages/record-outcomes.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { outcomesOf, type PartsOf } from "./part-outcomes.ts";

export interface EndsOptions {
  pool: Pool;
  partitions: Partitions;
  clock: Clock;
  /** How long after its validity a message waits for its receipt, in seconds. */
  receiptMargin: number;
  /** This node's number now. */
  node(): number;
  /** The node that takes the webhooks of the next flush, and the endpoints without room. */
  webhookLease(): Promise<WebhookLease>;
  /** Called when the statement under a lease has ended, whatever came of it. */
  onLeaseEnd(): void;
  /** Called with messages that have become final; `lease` says who has their webhooks. */
  onFinals(finals: readonly FinalRow[], lease: WebhookLease): void;
  /** Called when messages wait to be claimed for their next channel. */
  onFallBack(): void;
}

/** Its validity ended before a carrier took it. */
const TIME_TO_LIVE = codeNumber("51");
/** The message may have been sent, and nobody knows whether it arrived. */
const OUTCOME_UNKNOWN = codeNumber("7A");
const NOBODY = 0;

/** Makes messages final and hands their webhooks on; a failed message with another channel falls back instead. */
export class Ends {
  readonly #options: EndsOptions;
  #fellBack = false;

  constructor(options: EndsOptions) {
    this.#options = options;
  }

  /** Runs a statement that makes messages final under the lease of this moment, and hands their webhooks on. */
  async handingOn<Result extends { finals: readonly FinalRow[] }>(
    write: (node: number, lease: WebhookLease) => Promise<Result>,
  ): Promise<Result> {
    const { node, webhookLease, onLeaseEnd, onFinals } = this.#options;
    const lease = await webhookLease();
    try {
      const result = await write(node(), lease);
      onFinals(result.finals, lease);
      return result;
    } finally {
      onLeaseEnd();
    }
  }

  /** Submitted messages. */
  async finish(rows: readonly FinishRow[]): Promise<void> {
    await this.#end((finish) => finish(this.#options.pool, rows));
  }

  /** Submitted messages that receipts of their parts make final, if they do. */
  async finishParts(receipts: readonly (PartReceipt & PartsOf)[]): Promise<void> {
    await this.#end((finish) =>
      transaction(this.#options.pool, async (client) => {
        const parts = await recordPartReceipts(client, receipts);
        return finish(client, outcomesOf(parts, receipts));
      }),
    );
  }

  async #end(work: (finish: (db: Database, rows: readonly FinishRow[]) => Promise<FinalRow[]>) => Promise<FinalRow[]>) {
    await this.handingOn(async (node, lease) => {
      return { finals: await work((db, rows) => this.#finish(db, rows, node, lease)) };
    });
  }

  async #finish(db: Database, rows: readonly FinishRow[], node: number, lease: WebhookLease): Promise<FinalRow[]> {
    const { partitions, receiptMargin, clock } = this.#options;
    const failing = rows.flatMap(({ id, state, fallback, events }) =>
      state === FAILED && fallback === true ? [fallBackRow(id, events ?? null, clock.now())] : [],
    );
    if (failing.length === 0) return finishMessages(db, partitions, rows, node, lease);
    const gone = await fallBackSubmitted(db, partitions, failing, receiptMargin);
    this.#fellBack ||= gone.size > 0;
    const ended = rows.filter(({ id }) => !gone.has(id));
    return finishMessages(db, partitions, ended, node, lease);
  }

  /**
   * Fails messages that are in no memory and whose validity is over, at most `limit`. One that a dead node had begun to submit
   * may have been sent.
   * @returns how many
   */
  async expire(limit: number): Promise<number> {
    const { pool, partitions } = this.#options;
    await materializeExpiredBundles(pool);
    const expired = await expiredMessages(pool, limit);
    if (expired.length === 0) return 0;
    const rows = expired.map(({ id, carrier }) => {
      const code = carrier === null ? TIME_TO_LIVE : OUTCOME_UNKNOWN;
      return { id, state: FAILED, carrier, carrierMessageId: null, code };
    });
    // As nobody's: a message that was claimed meanwhile stays the claimer's.
    await this.handingOn((_node, lease) => recordOutcomes(pool, partitions, rows, [], NOBODY, lease));
    return expired.length;
  }

  /** Wakes the claim of messages that fell back, once they have left the memory: messages in memory are not claimed. */
  wakeFallenBack(): void {
    if (this.#fellBack) setImmediate(this.#options.onFallBack);
    this.#fellBack = false;
  }
}
