import { type Endpoint, EndpointMap } from "../../message/endpoint.ts";
import type { Clock } from "../../runtime/clock.ts";
import { Chain } from "./chain.ts";
import { AccountShare, type Ending, EndpointShare, HELD_UNKNOWN, type Key, type Waiting } from "./endpoint-share.ts";
import { Heap } from "./heap.ts";

/** A change of an endpoint that a webhook's end has shown: it has begun to fail, or works again. */
export type Transition = "failing" | "recovered";

export interface SharesOptions {
  /** Most requests under way. */
  inFlight: number;
  /** Most requests under way to one endpoint. */
  perEndpoint: number;
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
}

/** An account may start something while it has less than this many times the free slots under way. */
const SLOTS_PER_FREE = 2;
/** Least room that makes a claim worthwhile. */
const ROOMY = 64;
const ROOMY_PART = 8;
/** Most webhooks in memory, about 1 KiB each. */
const MAX_HELD = 65_536;
/** How long the share of an idle endpoint is remembered, in ms, and of how many endpoints. */
const REMEMBER_MS = 600_000;
const REMEMBERED = 10_000;

/**
 * The order of webhooks. Accounts take turns, and so do the endpoints of each, however much waits at them: neither a flood at one
 * endpoint nor 100,000 endpoints of one account go before another account's.
 *
 * - An endpoint's share of requests under way starts small, grows with success, shrinks with failure, and is one probe at a time,
 *   with growing pauses, once 20 different webhooks in a row have failed. A webhook that is held back is not tried.
 * - An endpoint whose receiver asks for a pause gets it, and goes on at the rate that it took (pace.ts).
 * - An account may have at most twice as many requests under way as there are slots free: alone it gets two thirds of them, two
 *   get two fifths each, and there is always a slot for the next account (Choudhury and Hahne, "Dynamic queue length thresholds",
 *   1998). So slow endpoints, each in its own right, do not use up the slots of others.
 * - Retries have at most half of the slots.
 *
 * Every operation takes constant time, amortised, or for endpoints that rest time logarithmic in their number; an endpoint is in
 * one chain at a time, by the reason of its wait.
 */
export class EndpointShares<T extends Waiting> {
  readonly #options: SharesOptions;
  #maxRetries: number;
  readonly #endpoints = new EndpointMap<EndpointShare<T>, Key>();
  readonly #accounts = new Map<Key, AccountShare<T>>();
  /** Accounts with a ready endpoint, in turn. */
  readonly #turns = new Chain<AccountShare<T>>();
  /** Accounts whose turn came while they had too much under way. */
  readonly #satisfied = new Chain<AccountShare<T>>();
  /** Endpoints that have only retries, when too many of these were under way. */
  readonly #retrying = new Chain<EndpointShare<T>>();
  /** Endpoints that rest until a time. An outdated entry is skipped. */
  readonly #resting = new Heap<{ at: number; endpoint: EndpointShare<T> }>(({ at }) => at);
  /** Idle endpoints, the longest idle first. */
  readonly #idle = new Chain<EndpointShare<T>>();
  #inFlight = 0;
  #retriesInFlight = 0;
  #waiting = 0;

  constructor(options: SharesOptions) {
    this.#options = options;
    this.#maxRetries = Math.max(1, Math.floor(options.inFlight / 2));
  }

  /** Changes the limits; a known endpoint's bound stays until it is forgotten. */
  retune({ inFlight, perEndpoint }: Pick<SharesOptions, "inFlight" | "perEndpoint">): void {
    Object.assign(this.#options, { inFlight, perEndpoint });
    this.#maxRetries = Math.max(1, Math.floor(inFlight / 2));
  }

  /** Webhooks that wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Webhooks under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many more webhooks of an endpoint to take into memory; further ones better stay in the database. */
  room(endpoint: Endpoint<Key>): number {
    const share = this.#endpoints.get(endpoint);
    const own = share === undefined ? HELD_UNKNOWN : share.mayHold - share.waiting - share.inFlight;
    // One endpoint may not fill the memory either: it may have half of the room left.
    const left = (MAX_HELD - this.#waiting - this.#inFlight) >> 1;
    return Math.max(0, Math.min(own, left));
  }

  /** The end of the rest of an endpoint that fails, or whose receiver has asked for a pause; null without a rest. */
  restOf(endpoint: Endpoint<Key>): { until: number; failing: boolean } | null {
    const share = this.#endpoints.get(endpoint);
    if (share === undefined || (!share.failing && share.pausedUntil <= this.#options.clock.now())) return null;
    return { until: share.failing ? share.restsUntil : share.pausedUntil, failing: share.failing };
  }

  /** Whether an endpoint that was full is worth a claim: an eighth of its room, and at least 64, is free. */
  isRoomy(endpoint: Endpoint<Key>): boolean {
    const mayHold = this.#endpoints.get(endpoint)?.mayHold ?? HELD_UNKNOWN;
    return this.room(endpoint) >= Math.max(mayHold / ROOMY_PART, ROOMY);
  }

  /** Takes a webhook, which `next` returns when its turn comes. */
  enqueue(item: T): void {
    const endpoint = this.#endpoints.get(item) ?? this.#add(item);
    endpoint.enqueue(item);
    this.#waiting++;
    this.#place(endpoint);
  }

  /** The next webhook that may be sent now, under way from here on; null if none may. */
  next(): T | null {
    if (this.#waiting === 0) return null;
    this.#wake();
    for (;;) {
      const free = this.#options.inFlight - this.#inFlight;
      const account = free > 0 ? this.#turns.shift() : null;
      if (account === null) return null;
      if (account.inFlight >= SLOTS_PER_FREE * free) {
        this.#satisfied.push(account);
        continue;
      }
      const endpoint = account.ready.shift();
      if (endpoint !== null) {
        const { clock, random } = this.#options;
        const item = endpoint.start(this.#retriesInFlight < this.#maxRetries, clock.now(), random());
        if (item !== null) this.#started(item);
        this.#place(endpoint);
        this.#takeTurns(account);
        if (item !== null) return item;
      }
    }
  }

  /** Reports the end of a webhook that `next` returned. */
  finished(item: T, delivered: boolean, ending: Ending = {}): Transition | null {
    let transition: Transition | null = null;
    const { clock, random } = this.#options;
    const endpoint = this.#endpoints.get(item)!;
    if (delivered) {
      if (endpoint.delivered(item, clock.now(), ending)) transition = "recovered";
    } else if (endpoint.undelivered(item, clock.now(), ending, random())) {
      transition = "failing";
    }
    this.#freed(item, endpoint);
    return transition;
  }

  /** A webhook that `next` gave out was not tried after all, which says nothing of its endpoint. @param again it waits anew */
  notTried(item: T, again: boolean): void {
    const endpoint = this.#endpoints.get(item)!;
    endpoint.notTried(item.id);
    if (again) {
      endpoint.enqueue(item);
      this.#waiting++;
    }
    this.#freed(item, endpoint);
  }

  /** A failing endpoint is known to be back: it is probed without a further pause. */
  probeNow(key: Endpoint<Key>): void {
    const endpoint = this.#endpoints.get(key);
    if (endpoint === undefined) return;
    endpoint.probeNow();
    this.#place(endpoint);
  }

  #freed(item: T, endpoint: EndpointShare<T>): void {
    this.#inFlight--;
    if (item.retry) this.#retriesInFlight--;
    this.#place(endpoint);
    const retrying = this.#retriesInFlight < this.#maxRetries ? this.#retrying.shift() : null;
    if (retrying !== null) this.#place(retrying);
    // With one more free slot, its own account and one other may be below the limit again.
    if (endpoint.account.chain === this.#satisfied) this.#turns.push(endpoint.account);
    const satisfied = this.#satisfied.shift();
    if (satisfied !== null) this.#turns.push(satisfied);
  }

  /** When `next` may have a webhook without a further end of one under way; epoch milliseconds. */
  nextWakeAt(): number | null {
    return this.#waiting === 0 ? null : (this.#resting.first?.at ?? null);
  }

  /** Removes and returns an endpoint's webhooks beyond its room, the newest: after it has begun to fail, most of them. */
  shed(endpoint: Endpoint<Key>): T[] {
    const share = this.#endpoints.get(endpoint);
    if (share === undefined) return [];
    const keep = Math.max(0, share.mayHold - share.inFlight);
    const retries = share.retries.cut(keep);
    const firsts = share.firsts.cut(Math.max(0, keep - share.retries.size));
    this.#waiting -= retries.length + firsts.length;
    this.#place(share);
    return [...firsts, ...retries];
  }

  /** Removes and returns all waiting webhooks. Those under way may still finish. */
  clear(): T[] {
    const all: T[] = [];
    for (const endpoint of this.#endpoints.values()) {
      all.push(...endpoint.firsts.cut(0), ...endpoint.retries.cut(0));
      this.#place(endpoint);
    }
    this.#waiting = 0;
    return all;
  }

  #add(key: Endpoint<Key>): EndpointShare<T> {
    let account = this.#accounts.get(key.accountId);
    if (account === undefined) {
      account = new AccountShare<T>(key.accountId);
      this.#accounts.set(key.accountId, account);
    }
    account.endpoints++;
    const endpoint = new EndpointShare<T>(key, account, this.#options.perEndpoint);
    this.#endpoints.set(key, endpoint);
    return endpoint;
  }

  #started(item: T): void {
    this.#waiting--;
    this.#inFlight++;
    if (item.retry) this.#retriesInFlight++;
  }

  /** Puts an endpoint into its present chain; at the end, unless it is there already. */
  #place(endpoint: EndpointShare<T>): void {
    const chain = this.#chainFor(endpoint);
    if (chain === endpoint.chain) return;
    if (chain === null) {
      endpoint.chain?.remove(endpoint);
      return;
    }
    chain.push(endpoint);
    if (chain === endpoint.account.ready) this.#takeTurns(endpoint.account);
    if (chain === this.#idle) this.#rest(endpoint);
  }

  #chainFor(endpoint: EndpointShare<T>): Chain<EndpointShare<T>> | null {
    const { account } = endpoint;
    if (endpoint.waiting === 0) return endpoint.inFlight === 0 ? this.#idle : null;
    if (!endpoint.free || this.#rests(endpoint)) return null;
    if (endpoint.firsts.size === 0 && this.#retriesInFlight >= this.#maxRetries) return this.#retrying;
    return account.ready;
  }

  #takeTurns(account: AccountShare<T>): void {
    if (account.chain === null && account.ready.size > 0) this.#turns.push(account);
  }

  /** Whether it may start nothing yet; if so, plans the next look. */
  #rests(endpoint: EndpointShare<T>): boolean {
    const at = endpoint.restsUntil;
    if (at === 0 || at <= this.#options.clock.now()) return false;
    if (endpoint.wakesAt === null || endpoint.wakesAt > at) {
      endpoint.wakesAt = at;
      this.#resting.push({ at, endpoint });
    }
    return true;
  }

  /** Looks at endpoints whose rest is over. */
  #wake(): void {
    let now: number | undefined;
    for (let { first } = this.#resting; first !== undefined; { first } = this.#resting) {
      now ??= this.#options.clock.now();
      if (first.at > now) break;
      this.#resting.shift();
      const { at, endpoint } = first;
      if (endpoint.wakesAt !== at) continue;
      endpoint.wakesAt = null;
      this.#place(endpoint);
    }
  }

  #rest(endpoint: EndpointShare<T>): void {
    const now = this.#options.clock.now();
    endpoint.since = now;
    for (let { first } = this.#idle; first !== null; { first } = this.#idle) {
      const isFew = this.#idle.size <= REMEMBERED;
      if (isFew && first.since + REMEMBER_MS > now) break;
      this.#idle.remove(first);
      if (isFew && first.restsUntil > now) {
        first.since = now;
        this.#idle.push(first);
        continue;
      }
      first.wakesAt = null;
      this.#endpoints.delete(first.key);
      if (--first.account.endpoints === 0) this.#accounts.delete(first.account.key);
    }
  }
}
