import type { Endpoint } from "../../message/endpoint.ts";
import { AdaptiveShare } from "./adaptive-share.ts";
import { Chain, type Linked } from "./chain.ts";
import { Fifo } from "./fifo.ts";
import { Pace } from "./pace.ts";

/** Names an endpoint or an account. */
export type Key = string | number;

/** A webhook that waits for its turn. */
export interface Waiting {
  /** The same on every try. */
  id: string;
  accountId: Key;
  /** Names it among the account's. */
  endpoint: Key;
  /** It was tried before. */
  retry: boolean;
  url: string;
}

/**
 * Requests under way to an endpoint that nothing is known of: 32 a second at the 250 ms that a real receiver takes, and
 * few enough that a hundred dead endpoints do not fill the default 1,024 slots.
 */
export const FIRST_SHARE = 8;
/** The share of an endpoint that works again. */
const SHARE_RECOVERED = 2;
/** After so many different webhooks have failed in a row an endpoint is failing. */
export const FAILING_AFTER = 20;
/** First tries that go before one retry, so that an endpoint that is never idle does not keep its retries for ever. */
const FIRSTS_PER_RETRY = 8;
/**
 * Per slot of its share an endpoint may have this many in memory: at 10,000 a second and 256 slots, 1.6 s of work. What
 * is beyond is claimed from the store later, at the price of two more updates each: with 16, a batch of 50,000 for one
 * endpoint took twice as long.
 */
const HELD_PER_SLOT = 64;
/** Webhooks in memory, at most, of an endpoint that nothing is known of. */
export const HELD_UNKNOWN = FIRST_SHARE * HELD_PER_SLOT;
/** Webhooks in memory, at most, of a failing endpoint: the next to be tried, and some to ramp up with. */
const HELD_FAILING = FIRST_SHARE;
/** One whose receiver asks for pauses may have what is sent to it in this long. */
const HELD_PACED_MS = 4_000;
/** How long a failing endpoint is left alone after its first, second, … failed probe, in milliseconds. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** How a try has ended, beside whether the webhook was delivered. */
export interface Ending {
  /** For how long the receiver has asked to be left alone. */
  askedMs?: number | null;
  /** How long it took, where it went over a connection that had brought no answer before. */
  freshMs?: number | null;
  /** It had no answer in time. */
  timedOut?: boolean;
  /** The answer's. */
  status?: number | null;
}

/** A path that has taken nothing for longer says nothing of an endpoint whose others fail. */
const GOOD_FOR_MS = 600_000;
/** The path that took a webhook last fails itself after so many: where it takes every second one, in one of a thousand. */
const GOOD_FAILS_AFTER = 10;
/** Where more paths than these fail in a row, it is their endpoint that does. */
const MOST_BAD_PATHS = 4;
/** Statuses with which a server in front answers for a receiver that is gone or overloaded. */
const OF_THE_ENDPOINT = new Set([429, 502, 503, 504]);

/** A receiver that served a connection made this much later than another left the other waiting for another reason. */
const YOUNGER_MS = 1_000;

export class AccountShare<T extends Waiting> implements Linked<AccountShare<T>> {
  readonly key: Key;
  /** Its endpoints that could start something now, in turn. */
  readonly ready = new Chain<EndpointShare<T>>();
  endpoints = 0;
  inFlight = 0;
  chain: Chain<AccountShare<T>> | null = null;
  before: AccountShare<T> | null = null;
  after: AccountShare<T> | null = null;

  constructor(key: Key) {
    this.key = key;
  }
}

/** An endpoint's webhooks that wait and are under way, and the share that it has earned. */
export class EndpointShare<T extends Waiting> implements Linked<EndpointShare<T>> {
  readonly key: Endpoint<Key>;
  readonly account: AccountShare<T>;
  readonly firsts = new Fifo<T>();
  readonly retries = new Fifo<T>();
  inFlight = 0;
  /** Since when there was nothing to do. */
  since = 0;
  /** When it is looked at again because it rests; null while no look is planned. */
  wakesAt: number | null = null;
  chain: Chain<EndpointShare<T>> | null = null;
  before: EndpointShare<T> | null = null;
  after: EndpointShare<T> | null = null;

  readonly #share: AdaptiveShare;
  /** Different webhooks that have failed since the last success; none is added beyond `FAILING_AFTER`. */
  #failed: Map<string, string | null> | null = null;
  readonly #pace = new Pace();
  #deliveredUrl = "";
  /** Failures at that path since. */
  #failedThere = 0;
  /** When a webhook was delivered last, and when the try began that a connection was made for last and that was. */
  #deliveredAt = 0;
  #servedFrom = 0;
  /** How many pauses it has been given since it began to fail; 0 when it does not. */
  #pauses = 0;
  /** When it may be probed next. */
  #probeAt = 0;
  #probe: string | null = null;
  #firstsInRow = 0;

  /** @param most the largest share it can have. */
  constructor({ accountId, endpoint }: Endpoint<Key>, account: AccountShare<T>, most: number) {
    this.key = { accountId, endpoint };
    this.account = account;
    this.#share = new AdaptiveShare(FIRST_SHARE, most);
  }

  get waiting(): number {
    return this.firsts.size + this.retries.size;
  }

  get failing(): boolean {
    return this.#pauses > 0;
  }

  /** Nothing may be started before, epoch milliseconds. */
  get restsUntil(): number {
    return this.failing ? Math.max(this.#probeAt, this.#pace.pausedUntil) : this.#pace.nextAt;
  }

  /** Until when its receiver has asked to be left alone. */
  get pausedUntil(): number {
    return this.#pace.pausedUntil;
  }

  /** Requests that it may have under way. */
  get share(): number {
    return this.failing ? 1 : this.#share.slots;
  }

  /** Webhooks, waiting and under way, that it may have in memory. */
  get mayHold(): number {
    if (this.failing) return HELD_FAILING;
    return Math.min(this.share * HELD_PER_SLOT, Math.max(HELD_FAILING, Math.ceil(this.#pace.rate * HELD_PACED_MS)));
  }

  /** Whether its share lets it start one more. A failing endpoint's stragglers do not stand in the way of its probe. */
  get free(): boolean {
    return this.failing ? this.#probe === null : this.inFlight < this.share;
  }

  enqueue(item: T): void {
    (item.retry ? this.retries : this.firsts).push(item);
  }

  /** Takes out what is next: first tries before retries, but not for ever. @param random uniform in [0, 1) */
  start(retryAllowed: boolean, now: number, random: number): T | null {
    const retryNext = this.firsts.size === 0 || this.#firstsInRow >= FIRSTS_PER_RETRY;
    const retry = retryNext && retryAllowed ? this.retries.shift() : undefined;
    const item = retry ?? this.firsts.shift();
    if (item === undefined) return null;
    this.#firstsInRow = item.retry ? 0 : this.#firstsInRow + 1;
    this.inFlight++;
    this.account.inFlight++;
    if (this.failing) this.#probe = item.id;
    this.#pace.started(now, random);
    return item;
  }

  /** @returns whether it was failing until now. */
  delivered({ url }: T, now: number, { freshMs = null }: Ending): boolean {
    const recovered = this.failing;
    if (recovered) this.#share.restart(SHARE_RECOVERED);
    // Half used is enough to grow (as a congestion window does, RFC 7661 §4.3): who waits until all of it is used lets
    // what comes faster than before queue, and of 256 slots at 1,000 a second and 250 ms none are left to catch up.
    else this.#share.succeeded(this.waiting > 0 || this.inFlight * 2 >= this.share, now);
    this.#deliveredAt = now;
    this.#deliveredUrl = url;
    this.#failedThere = 0;
    if (freshMs !== null) this.#servedFrom = Math.max(this.#servedFrom, now - freshMs);
    this.#failed = null;
    this.#pauses = 0;
    this.#pace.took(now);
    this.#ended();
    return recovered;
  }

  /**
   * @param random uniform in [0, 1)
   * @returns whether it has begun to fail
   */
  undelivered({ id, url }: T, now: number, ending: Ending, random: number): boolean {
    const { askedMs = null, status = null } = ending;
    if (!this.failing && this.#isUnserved(now, ending)) {
      this.#share.unserved(Math.max(this.inFlight, FIRST_SHARE) - 1, now, ending.freshMs!);
      this.#ended();
      return false;
    }
    // A try under way when the receiver asked for a pause says nothing new.
    const counts = askedMs === null || this.#pace.pause(now, askedMs, random);
    // A receiver that refuses what it is asked has been asked no more than it can do.
    if (isRefusal(status)) this.#share.refused();
    else if (counts) this.#share.failed(this.inFlight - 1);
    // Nor does what had been when the endpoint began to fail; only the probe does.
    const pause = this.failing ? this.#probe === id : counts && this.#beginsToFail(id, url, status, now);
    if (pause) {
      this.#probeAt = now + PAUSES_MS[Math.min(this.#pauses, PAUSES_MS.length - 1)]!;
      this.#pauses++;
      this.#probe = null;
      this.#failed = null;
    }
    this.#ended();
    return pause && this.#pauses === 1;
  }

  /** It may be probed at once. */
  probeNow(): void {
    this.#probeAt = 0;
  }

  /** A webhook that was started was not tried after all. */
  bundle(id: string): void {
    if (this.#probe === id) this.#probe = null;
    this.#ended();
  }

  /**
   * Whether the receiver serves fewer connections at a time than there are: others brought answers all the while, and this
   * one stood in its queue behind them. Connections leave that queue in the order in which they were made; where one that
   * was made later was served, this one's request was read, and hangs.
   */
  #isUnserved(now: number, { freshMs = null, timedOut = false }: Ending): boolean {
    if (!timedOut || freshMs === null) return false;
    const from = now - freshMs;
    return this.#deliveredAt > from && this.#servedFrom <= from + YOUNGER_MS;
  }

  #beginsToFail(id: string, url: string, status: number | null, now: number): boolean {
    this.#failed ??= new Map();
    this.#failed.set(id, status === null || OF_THE_ENDPOINT.has(status) ? null : pathOf(url));
    if (pathOf(url) === pathOf(this.#deliveredUrl)) this.#failedThere++;
    if (this.#failed.size < FAILING_AFTER) return false;
    const isGood = this.#deliveredUrl !== "" && this.#deliveredAt + GOOD_FOR_MS >= now;
    if (!isGood || !this.#areBadPaths(new Set(this.#failed.values()))) return true;
    this.#failed = null;
    return false;
  }

  /** Whether what has failed was answered, all of it, and at a few paths, while another takes some at least. */
  #areBadPaths(paths: ReadonlySet<string | null>): boolean {
    return !paths.has(null) && paths.size <= MOST_BAD_PATHS && this.#failedThere < GOOD_FAILS_AFTER;
  }

  #ended(): void {
    this.inFlight--;
    this.account.inFlight--;
  }
}

/** A 4xx that says nothing of how much there is to do. */
function isRefusal(status: number | null): boolean {
  return status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** One origin's URLs without what comes after the path. */
function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, "");
}
