import type { Pool } from "pg";
import { codeText } from "../message/code-number.ts";
import { batchOf } from "../message/id.ts";
import { describeCode } from "../message/receipt-codes.ts";
import { DELIVERED } from "../message/state.ts";
import { Batcher } from "../runtime/batcher.ts";
import type { Clock } from "../runtime/clock.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import type { WaitingWebhook, WebhookMessage } from "../store/claim-webhooks.ts";
import type { FinalRow, WebhookLease } from "../store/finals.ts";
import type { Partitions } from "../store/partition-names.ts";
import { persistently } from "../store/persistently.ts";
import { type AttemptRow, recordAttempts } from "../store/record-attempts.ts";
import type { Exchanger, Outcome } from "./exchange.ts";
import { targetOf } from "./request.ts";
import { nextAttemptAt } from "./schedule.ts";
import type { EndpointShares } from "./shares.ts";

const DELIVERED_WEBHOOK = 1;
const EXHAUSTED = 2;
const PENDING = 0;

/** Nobody waits for the record of a try; until it is committed, a crash repeats the webhook. */
const FLUSH_INTERVAL_MS = 10;
/** A full endpoint is filled up again once it has room for so many. */
const ROOM_TO_CLAIM = 64;
/** Webhooks in memory, in all; about 1 KiB each. */
const MOST_IN_HAND = 50_000;

/** A webhook in memory. */
export interface Webhook extends WaitingWebhook {
  origin: string;
  retry: boolean;
}

export interface NotifierOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  clock: Clock;
  exchanger: Exchanger;
  shares: EndpointShares<Webhook>;
  /** Seconds between the tries. */
  retryDelays: readonly number[];
  random(): number;
  worker(): number;
  /** Gives webhooks back, untried, to be claimed when there is room. */
  release(webhooks: readonly Webhook[]): Promise<void>;
  /** A try was recorded. */
  onAttempt(verdict: "delivered" | "failed" | "exhausted", outcome: Outcome): void;
  /** An endpoint that was full may have room again. */
  onRoom(): void;
}

/**
 * Notify: POSTs what is final to the customers' URLs. Order of truth: the outcome of a try is committed; what could not
 * be committed is tried again by whoever claims it next (at least once).
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #attempts: Batcher<AttemptRow, boolean>;
  readonly #inHand = new Set<string>();
  /** Claimed again before their last try, or their giving back, was known here to be committed. */
  readonly #claimedAgain = new Map<string, WaitingWebhook>();
  readonly #full = new Set<number>();
  readonly #stop = new AbortController();
  #posting = 0;
  #taking = true;
  #wake: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#attempts = new Batcher<AttemptRow, boolean>({
      maxWeight: 1_000,
      maxInFlight: 1,
      minIntervalMs: FLUSH_INTERVAL_MS,
      isCommonFault: () => this.#stop.signal.aborted,
      flush: (rows) =>
        persistently(options.log, this.#stop.signal, async () => {
          const recorded = await recordAttempts(options.pool, options.partitions, rows, options.worker());
          return rows.map((row) => recorded.has(row.id));
        }),
    });
  }

  get inHand(): number {
    return this.#inHand.size;
  }

  has(id: string): boolean {
    return this.#inHand.has(id);
  }

  /** Whether what becomes final may be leased to this worker at all. */
  get hasRoom(): boolean {
    return this.#taking && this.#inHand.size < MOST_IN_HAND;
  }

  /** Endpoints that are to have nothing more in memory: they have begun to fail, or have too much waiting. */
  fullEndpoints(): number[] {
    return [...this.#full];
  }

  /**
   * What endpoints that were full have room for now. They count as full until what waits for them in the store was
   * claimed: what becomes final later is not to go before it.
   */
  rooms(): Map<number, number> {
    return new Map([...this.#full].map((endpoint) => [endpoint, this.#options.shares.room(endpoint)]));
  }

  /** Nothing of these endpoints waits in the store any more. */
  caughtUp(endpoints: Iterable<number>): void {
    for (const endpoint of endpoints) this.#full.delete(endpoint);
  }

  /** The webhooks of messages that have just become final; those of full endpoints were not leased to this worker. */
  takeFinals(finals: readonly FinalRow[], lease: WebhookLease): void {
    if (lease.worker === 0) return;
    const full = new Set(lease.full);
    const webhooks: WaitingWebhook[] = [];
    for (const final of finals) {
      if (final.url === null || final.endpoint === null || full.has(final.endpoint)) continue;
      webhooks.push({
        id: final.id,
        accountId: final.account_id,
        url: final.url,
        endpoint: final.endpoint,
        tries: 0,
        body: null,
        message: {
          destination: final.destination,
          state: final.state,
          code: final.code,
          givenId: final.given_id,
          batchId: final.batch_id,
          batchGivenId: final.batch_given_id,
        },
      });
    }
    this.take(webhooks);
  }

  /** Webhooks that are leased to this worker. What is beyond an endpoint's room goes back to the store. */
  take(webhooks: readonly WaitingWebhook[]): void {
    const endpoints = new Set<number>();
    for (const webhook of webhooks) {
      if (this.#inHand.has(webhook.id)) {
        this.#claimedAgain.set(webhook.id, webhook);
        continue;
      }
      this.#inHand.add(webhook.id);
      endpoints.add(webhook.endpoint);
      const item = Object.assign(webhook, { origin: targetOf(webhook.url).origin, retry: webhook.tries > 0 });
      this.#options.shares.enqueue(item);
    }
    this.pump();
    for (const endpoint of endpoints) if (this.#options.shares.room(endpoint) === 0) this.#shed(endpoint);
  }

  /** Starts what fairness allows now. */
  pump(): void {
    if (!this.#taking) return;
    const { shares, clock } = this.#options;
    for (let webhook = shares.next(); webhook !== null; webhook = shares.next()) void this.#try(webhook);
    clearTimeout(this.#wake);
    const at = shares.nextWakeAt();
    if (at !== null) this.#wake = setTimeout(() => this.pump(), Math.max(1, at - clock.now()));
  }

  /** Starts nothing more and waits for the tries under way. */
  async stop(): Promise<void> {
    this.#taking = false;
    clearTimeout(this.#wake);
    if (this.#posting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#attempts.drain();
  }

  /** Gives up what still waits for a database that does not answer. */
  abort(): void {
    this.#stop.abort();
  }

  /** Lets go of everything that is not under way: it is another's. */
  abandon(): void {
    this.#claimedAgain.clear();
    for (const webhook of this.#options.shares.clear()) this.#inHand.delete(webhook.id);
  }

  /** They are in hand no more, or anew. */
  #letGo(webhooks: readonly Webhook[]): void {
    const again: WaitingWebhook[] = [];
    for (const { id } of webhooks) {
      this.#inHand.delete(id);
      const webhook = this.#claimedAgain.get(id);
      if (webhook === undefined) continue;
      this.#claimedAgain.delete(id);
      again.push(webhook);
    }
    if (again.length > 0) this.take(again);
  }

  #shed(endpoint: number): void {
    const webhooks = this.#options.shares.shed(endpoint);
    this.#full.add(endpoint);
    if (webhooks.length === 0) return;
    void this.#options
      .release(webhooks)
      .catch((error: unknown) => this.#options.log.warn({ err: asError(error) }, "webhooks could not be given back"))
      .finally(() => this.#letGo(webhooks));
  }

  async #try(webhook: Webhook): Promise<void> {
    const { clock, shares, log, onAttempt, onRoom } = this.#options;
    this.#posting++;
    try {
      const startedAt = clock.now();
      const outcome = await this.#post(webhook);
      const row = this.#attempt(webhook, startedAt, outcome);
      if (!(await this.#attempts.add(row))) log.warn({ webhook: webhook.id }, "a webhook was taken over meanwhile");
      onAttempt(row.state === EXHAUSTED ? "exhausted" : outcome.verdict, outcome);
    } catch (error) {
      log.error({ err: asError(error), webhook: webhook.id }, "a webhook's try was not recorded");
    } finally {
      this.#letGo([webhook]);
      this.#posting--;
      if (this.#posting === 0) for (const resolve of this.#idle.splice(0)) resolve();
      if (this.#full.has(webhook.endpoint) && shares.room(webhook.endpoint) > ROOM_TO_CLAIM) onRoom();
    }
  }

  /** One exchange; its slot is free for the next as soon as it is over. */
  async #post(webhook: Webhook): Promise<Outcome> {
    const { exchanger, shares } = this.#options;
    let delivered = false;
    try {
      const outcome = await exchanger.post({
        url: webhook.url,
        origin: webhook.origin,
        headers: { "content-type": "application/json", "webhook-id": webhook.id },
        body: webhook.body ?? receiptBody(webhook.id, webhook.message as WebhookMessage),
      });
      delivered = outcome.verdict === "delivered";
      return outcome;
    } finally {
      shares.finished(webhook, delivered);
      if (!delivered && shares.room(webhook.endpoint) === 0) this.#shed(webhook.endpoint);
      this.pump();
    }
  }

  #attempt(webhook: Webhook, startedAt: number, outcome: Outcome): AttemptRow {
    const { accountId, id, tries } = webhook;
    const { retryDelays, random, clock } = this.#options;
    const { status, fault, answer, phases } = outcome;
    const attempt = JSON.stringify({ at: new Date(startedAt).toISOString(), status, fault, answer, ...phases });
    if (outcome.verdict === "delivered") return { accountId, id, state: DELIVERED_WEBHOOK, nextAt: null, attempt };
    const { retryAfterMs } = outcome;
    const nextAt = nextAttemptAt({ tries: tries + 1, now: clock.now(), retryDelays, retryAfterMs, random });
    return { accountId, id, state: nextAt === null ? EXHAUSTED : PENDING, nextAt, attempt };
  }
}

/** The delivery webhook's body, the same on every try. */
export function receiptBody(id: string, message: WebhookMessage): string {
  const code = codeText(message.code);
  return JSON.stringify({
    destination: `+${message.destination}`,
    delivered: message.state === DELIVERED,
    batchuuid: message.batchGivenId ?? message.batchId ?? batchOf(id),
    messageuuid: message.givenId ?? id,
    receiptInfo: { code, description: describeCode(code) },
  });
}
