import { type Endpoint, EndpointMap } from "../message/endpoint.ts";
import { isSmppUrl, withoutOrigin } from "../message/smpp-origin.ts";
import { type FinalMessage, receiptBody } from "../message/webhook.ts";
import { asError } from "../runtime/errors.ts";
import { warnOf } from "../runtime/outages.ts";
import type { FinalRow, WebhookLease } from "../store/messages/finals.ts";
import type { Room, WaitingWebhook } from "../store/webhooks/claim-webhooks.ts";
import { Attempts } from "./attempts.ts";
import { webhookHeaders } from "./client/headers.ts";
import { type AttemptOutcome, NOT_BEGUN } from "./client/outcome.ts";
import { targetOf } from "./client/request.ts";
import { Due } from "./due.ts";
import { EndpointHealth } from "./endpoint-events/health.ts";
import { EndpointStates } from "./endpoint-events/states.ts";
import { endingOf } from "./fairness/ending.ts";
import type { NotifierOptions } from "./notifier-options.ts";
import { nextAttemptAt } from "./schedule.ts";
import { AccountSecrets } from "./secrets.ts";
import type { Webhook } from "./webhook.ts";

/** Most webhooks in memory, about 1 KiB each. */
const MOST_BUFFERED = 8_000;

/** Most tries that are not committed yet: a crash repeats these, beside those under way. */
const MOST_UNRECORDED = 2_000;

/**
 * POSTs webhooks of final messages to the customers' URLs. The outcome of a try counts once it is committed; the next node that
 * claims a webhook repeats an uncommitted try (at least once).
 */
export class Notifier {
  /** Some of these change while it runs. */
  readonly options: NotifierOptions;
  readonly attempts: Attempts;
  readonly #secrets: AccountSecrets;
  readonly #health: EndpointHealth;
  readonly #states = new EndpointStates();
  readonly #buffered = new Set<string>();
  /** Webhooks that were claimed again before this node knew that their last try, or their release, was committed. */
  readonly #claimedAgain = new Map<string, WaitingWebhook>();
  readonly #full = new EndpointMap<Endpoint>();
  /** When a customer last bound who takes an endpoint's receipts, epoch milliseconds. */
  readonly #boundAt = new EndpointMap<number>();
  readonly #due = new Due();
  readonly #stop = new AbortController();
  #posting = 0;
  #unrecorded = 0;
  #taking = true;
  #wake: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  constructor(options: NotifierOptions) {
    this.options = options;
    const { pool, partitions, log, clock, node, onHealth } = options;
    const stop = this.#stop.signal;
    this.attempts = new Attempts({ pool, partitions, log, node, stop });
    this.#secrets = new AccountSecrets({ pool, log, clock, stop });
    this.#health = new EndpointHealth({ pool, log, stop, onChange: onHealth });
  }

  get buffered(): number {
    return this.#buffered.size;
  }

  has(id: string): boolean {
    return this.#buffered.has(id);
  }

  /** Whether webhooks of new final messages may be leased to this node at all. */
  get hasRoom(): boolean {
    return this.#taking && this.#buffered.size < MOST_BUFFERED;
  }

  /** Endpoints that must get nothing more in memory: they have begun to fail, or have too much waiting. */
  fullEndpoints(): Endpoint[] {
    return [...this.#full.values()];
  }

  /**
   * The room of endpoints that were full. They count as full until their webhooks in the store are claimed: later webhooks must
   * not overtake these.
   */
  rooms(): Room[] {
    return this.fullEndpoints().map((endpoint) => ({ ...endpoint, room: this.options.shares.room(endpoint) }));
  }

  /** The store has no waiting webhooks of these endpoints any more. */
  caughtUp(endpoints: Iterable<Endpoint>): void {
    for (const endpoint of endpoints) this.#full.delete(endpoint);
  }

  /** Milliseconds until a retry falls due, at most `most`, as far as this node knows. */
  untilDue(most: number): number {
    return this.#due.wait(this.options.clock.now(), most);
  }

  /** Takes the webhooks of new final messages that were handed to this node. */
  takeFinals(finals: readonly FinalRow[], lease: WebhookLease): void {
    if (lease.node === 0 || lease.node !== this.options.node()) return;
    const webhooks: Webhook[] = [];
    const finalAt = this.options.clock.now();
    for (const final of finals) {
      const { id, accountId, url, endpoint, bundle } = final;
      if (bundle === undefined || url === null || endpoint === null) continue;
      const origin = originOf(url);
      webhooks.push({
        id,
        accountId,
        kind: "receipt",
        url,
        endpoint,
        tries: 0,
        retry: false,
        body: null,
        message: final,
        bundle,
        origin,
        final,
        finalAt,
      });
    }
    this.#take(webhooks);
  }

  /** Takes webhooks that are leased to this node. Those beyond an endpoint's room go back to the store. */
  take(webhooks: readonly WaitingWebhook[]): void {
    this.#take(webhooks.map((webhook) => ({ ...webhook, origin: originOf(webhook.url) })));
  }

  #take(webhooks: readonly Webhook[]): void {
    const endpoints = new EndpointMap<Endpoint>();
    for (const webhook of webhooks) {
      if (this.#buffered.has(webhook.id)) {
        this.#claimedAgain.set(webhook.id, webhook);
        continue;
      }
      this.#buffered.add(webhook.id);
      endpoints.set(webhook, webhook);
      this.options.shares.enqueue(webhook);
    }
    this.pump();
    for (const endpoint of endpoints.values()) if (this.options.shares.room(endpoint) === 0) this.#shed(endpoint);
  }

  /** Starts the tries that fairness allows now. */
  pump(): void {
    const { shares, clock, holdsLease, exchanger } = this.options;
    if (!this.#taking || this.#unrecorded >= MOST_UNRECORDED || !holdsLease()) return;
    const next = () => (exchanger.waitMs > 0 ? null : shares.next());
    for (let webhook = next(); webhook !== null; webhook = next()) this.#try(webhook);
    clearTimeout(this.#wake);
    const { waitMs } = exchanger;
    const at = waitMs > 0 && shares.waiting > 0 ? clock.now() + waitMs : shares.nextWakeAt();
    if (at !== null && at < Number.POSITIVE_INFINITY) {
      this.#wake = setTimeout(() => this.pump(), Math.max(1, Math.ceil(at - clock.now())));
    }
  }

  /** Starts nothing more and waits for tries under way. */
  async stop(): Promise<void> {
    this.#taking = false;
    clearTimeout(this.#wake);
    if (this.#posting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await Promise.all([this.attempts.drain(), this.#health.drain()]);
  }

  /** A customer has bound who takes this endpoint's receipts: those in the store first, and as many as there is room for. */
  bound(endpoint: Endpoint): void {
    this.boundElsewhere(endpoint);
    this.#full.set(endpoint, endpoint);
    this.options.shares.probeNow(endpoint);
    this.pump();
  }

  /** The same at another program. */
  boundElsewhere(endpoint: Endpoint): void {
    this.#boundAt.set(endpoint, this.options.clock.now());
  }

  /** Accounts' secrets have changed. */
  forgetSecrets(): void {
    this.#secrets.forget();
  }

  /** Reads the failing endpoints anew. */
  async refreshHealth(): Promise<void> {
    await this.#health.refresh();
  }

  /** Writes the states of endpoints. */
  async recordStates(): Promise<void> {
    await this.#states.flush(this.options.pool);
  }

  /** Gives up the work that still waits for a database that does not answer. */
  abort(): void {
    this.#stop.abort();
  }

  /** Drops all webhooks that are not under way: other nodes may have them. */
  abandon(): void {
    this.#claimedAgain.clear();
    for (const webhook of this.options.shares.clear()) this.#buffered.delete(webhook.id);
  }

  /** The webhook has left the memory, or enters it anew. */
  #letGo({ id }: Webhook): void {
    this.#buffered.delete(id);
    const again = this.#claimedAgain.size === 0 ? undefined : this.#claimedAgain.get(id);
    if (again === undefined) return;
    this.#claimedAgain.delete(id);
    this.take([again]);
  }

  #shed({ accountId, endpoint: number }: Endpoint): void {
    const endpoint = { accountId, endpoint: number };
    const webhooks = this.options.shares.shed(endpoint);
    this.#full.set(endpoint, endpoint);
    if (webhooks.length === 0) return;
    void this.options
      .release(webhooks)
      .catch((error: unknown) => warnOf(this.options.log, asError(error), "webhooks could not be given back"))
      .finally(() => {
        for (const webhook of webhooks) this.#letGo(webhook);
      });
  }

  /** One try. Callbacks from here on, and no promise if the secrets are known, because this runs once for every message. */
  #try(webhook: Webhook): void {
    this.#posting++;
    const startedAt = this.options.clock.now();
    const keys = this.#secrets.of(webhook.accountId);
    if (!(keys instanceof Promise)) this.#post(webhook, keys, startedAt);
    else {
      keys.then(
        (read) => this.#post(webhook, read, startedAt),
        (error: unknown) => this.#notBegun(webhook, startedAt, asError(error)),
      );
    }
  }

  #post(webhook: Webhook, keys: readonly Uint8Array[], startedAt: number): void {
    const { exchanger, environment } = this.options;
    const { url, origin } = webhook;
    const node = this.options.node();
    if (isSmppUrl(url)) {
      this.options.smpp.try(webhook, startedAt).then(
        (outcome) => this.#answered(webhook, startedAt, outcome),
        (error: unknown) => this.#notBegun(webhook, startedAt, asError(error)),
      );
      return;
    }
    try {
      const body = webhook.body ?? receiptBody(webhook.id, webhook.message as FinalMessage);
      const headers = webhookHeaders(webhook, body, { keys, now: startedAt, environment });
      this.options.tracing?.addTraceparent(webhook, headers);
      exchanger.post({ url, origin, headers, body }, (outcome) => {
        if (outcome.fault === "proxy") this.#notTried(webhook, node);
        else this.#answered(webhook, startedAt, outcome);
      });
    } catch (error) {
      // Later, because it would start the next try from within the start of this one.
      setImmediate(() => this.#notBegun(webhook, startedAt, asError(error)));
    }
  }

  /**
   * The try could not begin. That says nothing of the endpoint, but counts as a try: otherwise a webhook that cannot be sent
   * would be taken up for ever. In a program that stops, nothing has begun.
   */
  #notBegun(webhook: Webhook, startedAt: number, err: Error): void {
    this.options.shares.notTried(webhook, false);
    if (!this.#taking || this.#stop.signal.aborted) this.#bundled(webhook, err);
    else {
      this.options.log.error({ err, webhook: webhook.id }, "a webhook's request could not be made");
      this.#tried(webhook, startedAt, NOT_BEGUN);
    }
    this.pump();
  }

  /** The operator's proxy is at fault, which is no try: the webhook waits for its turn again, while it is this node's. */
  #notTried(webhook: Webhook, node: number): void {
    const again = this.#taking && node === this.options.node();
    this.options.shares.notTried(webhook, again);
    if (!again) this.#letGo(webhook);
    this.#posted();
    this.pump();
  }

  /** The slot is free for the next try as soon as the exchange is over. */
  #answered(webhook: Webhook, startedAt: number, outcome: AttemptOutcome): void {
    this.#ended(webhook, startedAt, outcome);
    this.#tried(webhook, startedAt, outcome);
    this.pump();
  }

  /** Records a try. */
  #tried(webhook: Webhook, startedAt: number, outcome: AttemptOutcome): void {
    const nextAt = this.#nextAt(webhook, outcome);
    if (nextAt !== null) this.#due.add(nextAt, this.options.clock.now());
    this.#unrecorded++;
    this.options.tracing?.attempt(webhook, startedAt, outcome);
    this.attempts.add(webhook, startedAt, outcome, nextAt, (recorded) => {
      this.#unrecorded--;
      if (this.#unrecorded === MOST_UNRECORDED - 1) this.pump();
      if (recorded instanceof Error) this.#bundled(webhook, recorded);
      else this.#recorded(webhook, outcome, nextAt, recorded);
      // The customer's bind made all that waited in the store due, which this one did not yet.
      if (nextAt !== null && (this.#boundAt.get(webhook) ?? 0) >= startedAt) this.options.onPutOff(webhook);
    });
  }

  #recorded(webhook: Webhook, outcome: AttemptOutcome, nextAt: number | null, recorded: boolean): void {
    const { log, onAttempt, onHealth } = this.options;
    if (!recorded) log.warn({ webhook: webhook.id }, "a webhook was taken over meanwhile");
    const exhausted = outcome.result === "failed" && nextAt === null;
    if (exhausted) onHealth();
    onAttempt(exhausted ? "exhausted" : outcome.result, outcome);
    this.#left(webhook);
  }

  #bundled(webhook: Webhook, err: Error): void {
    // A try that is given up as the program stops is repeated by the next node.
    if (!this.#stop.signal.aborted) {
      this.options.log.error({ err, webhook: webhook.id }, "a webhook's try was not recorded");
    }
    this.#left(webhook);
  }

  #left(webhook: Webhook): void {
    const { shares, onRoom } = this.options;
    this.#letGo(webhook);
    this.#posted();
    if (this.#full.size > 0 && this.#full.has(webhook) && shares.isRoomy(webhook)) onRoom();
  }

  #posted(): void {
    this.#posting--;
    if (this.#posting === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #ended(webhook: Webhook, startedAt: number, outcome: AttemptOutcome): void {
    const { shares } = this.options;
    const delivered = outcome.result === "delivered";
    // While nobody is bound there is nobody who takes too little.
    const isUnbound = outcome.fault === "unbound";
    if (isUnbound) shares.notTried(webhook, false);
    const transition = isUnbound ? null : shares.finished(webhook, delivered, endingOf(outcome));
    if (delivered) this.#health.delivered(webhook);
    else {
      if (transition === "failing") this.#health.failing(webhook, outcome);
      if (shares.room(webhook) === 0) this.#shed(webhook);
    }
    this.#states.tried(webhook, startedAt, outcome, delivered ? null : shares.restOf(webhook));
  }

  /** The time of the webhook's next try, epoch milliseconds; null if there is none. */
  #nextAt(webhook: Webhook, outcome: AttemptOutcome): number | null {
    const { tries, url } = webhook;
    const { result, retryAfterMs } = outcome;
    const { retryDelays, random, clock, smpp } = this.options;
    if (isSmppUrl(url)) return smpp.nextAt(webhook, outcome, clock.now());
    if (result === "delivered") return null;
    return nextAttemptAt({ tries: tries + 1, now: clock.now(), retryDelays, retryAfterMs, random });
  }
}

/** A URL that cannot be read fails with its own try, and not with all webhooks that are taken up beside it. */
function originOf(url: string): string {
  if (isSmppUrl(url)) return withoutOrigin(url);
  return URL.canParse(url) ? targetOf(url).origin : url;
}
