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
  /** Names the endpoint among the account's. */
  endpoint: Key;
  /** Whether it was tried before. */
  retry: boolean;
  url: string;
}

/**
 * Requests under way to an unknown endpoint: 32 a second at the 250 ms of a real receiver, and few enough that a hundred dead
 * endpoints do not fill the default 1,024 slots.
 */
export const FIRST_SHARE = 8;
/** The share of an endpoint that works again. */
const SHARE_RECOVERED = 2;
/** Number of different webhooks in a row whose failure makes an endpoint failing. */
export const FAILING_AFTER = 20;
/** First tries before each retry, so that an endpoint that is never idle does not keep its retries for ever. */
const FIRSTS_PER_RETRY = 8;
/**
 * Webhooks in memory per slot of an endpoint's share: at 10,000 a second and 256 slots, 1.6 s of work. Further ones are claimed
 * from the store later, at the price of two more updates each: with 16, a batch of 50,000 for one endpoint took twice as long.
 */
const HELD_PER_SLOT = 64;
/** Most webhooks in memory for an unknown endpoint. */
export const HELD_UNKNOWN = FIRST_SHARE * HELD_PER_SLOT;
/** Most webhooks in memory for a failing endpoint: the next one to try, and some for its recovery. */
const HELD_FAILING = FIRST_SHARE;
/** An endpoint that asks for pauses may have in memory the webhooks of this time, in ms. */
const HELD_PACED_MS = 4_000;
/** Pauses of a failing endpoint after its first, second, … failed probe, in milliseconds. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** The end of a try, beside whether the webhook was delivered. */
export interface Ending {
  /** The pause that the receiver asked for, in ms. */
  askedMs?: number | null;
  /** How long it took, if it went over a connection that had brought no answer before. */
  freshMs?: number | null;
  /** It had no answer in time. */
  timedOut?: boolean;
  /** Of the answer. */
  status?: number | null;
}

/** How long a success at one path counts for an endpoint whose other paths fail, in ms. */
const GOOD_FOR_MS = 600_000;
/** Failures after which the good path fails too: one that takes every second webhook gets there in one of a thousand. */
const GOOD_FAILS_AFTER = 10;
/** Most failing paths; if more fail in a row, it is the endpoint that fails. */
const MOST_BAD_PATHS = 4;
/** Statuses of a server in front for a receiver that is gone or overloaded. */
const OF_THE_ENDPOINT = new Set([429, 502, 503, 504]);

/** A receiver that served a connection this much younger, in ms, left the older one waiting for another reason. */
const YOUNGER_MS = 1_000;

export class AccountShare<T extends Waiting> implements Linked<AccountShare<T>> {
  readonly key: Key;
  /** The endpoints that could start something now, in turn. */
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

/** An endpoint's webhooks that wait and are under way, and its share. */
export class EndpointShare<T extends Waiting> implements Linked<EndpointShare<T>> {
  readonly key: Endpoint<Key>;
  readonly account: AccountShare<T>;
  readonly firsts = new Fifo<T>();
  readonly retries = new Fifo<T>();
  inFlight = 0;
  /** When it became idle. */
  since = 0;
  /** The end of its rest, when it is looked at again; null while no look is planned. */
  wakesAt: number | null = null;
  chain: Chain<EndpointShare<T>> | null = null;
  before: EndpointShare<T> | null = null;
  after: EndpointShare<T> | null = null;

  readonly #share: AdaptiveShare;
  /** Different webhooks that have failed since the last success, at most `FAILING_AFTER`. */
  #failed: Map<string, string | null> | null = null;
  readonly #pace = new Pace();
  #deliveredUrl = "";
  /** Failures at that path since. */
  #failedThere = 0;
  /** When a webhook was delivered last, and when the try began that a connection was made for last and that was. */
  #deliveredAt = 0;
  #servedFrom = 0;
  /** Its pauses since it began to fail; 0 if it does not. */
  #pauses = 0;
  /** The time of its next probe. */
  #probeAt = 0;
  #probe: string | null = null;
  #firstsInRow = 0;

  /** @param most the largest possible share */
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

  /** The end of its rest, in epoch milliseconds: nothing starts before. */
  get restsUntil(): number {
    return this.failing ? Math.max(this.#probeAt, this.#pace.pausedUntil) : this.#pace.nextAt;
  }

  /** The end of the pause that its receiver asked for. */
  get pausedUntil(): number {
    return this.#pace.pausedUntil;
  }

  /** Most requests under way. */
  get share(): number {
    return this.failing ? 1 : this.#share.slots;
  }

  /** Most webhooks, waiting and under way, in memory. */
  get mayHold(): number {
    if (this.failing) return HELD_FAILING;
    return Math.min(this.share * HELD_PER_SLOT, Math.max(HELD_FAILING, Math.ceil(this.#pace.rate * HELD_PACED_MS)));
  }

  /** Whether its share allows one more. Late requests of a failing endpoint do not delay its probe. */
  get free(): boolean {
    return this.failing ? this.#probe === null : this.inFlight < this.share;
  }

  enqueue(item: T): void {
    (item.retry ? this.retries : this.firsts).push(item);
  }

  /** Takes the next webhook: first tries before retries, but not for ever. @param random uniform in [0, 1) */
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

  /** @returns whether it was failing until now */
  delivered({ url }: T, now: number, { freshMs = null }: Ending): boolean {
    const recovered = this.failing;
    if (recovered) this.#share.restart(SHARE_RECOVERED);
    // Half in use is enough to grow (as a congestion window does, RFC 7661 §4.3): waiting for full use would queue a load
    // that grows, and at 1,000 a second and 250 ms, 256 slots would have none to spare for the backlog.
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
    // A try that was under way when the receiver asked for a pause says nothing new.
    const counts = askedMs === null || this.#pace.pause(now, askedMs, random);
    // A receiver that refuses webhooks by its own rules is not overloaded.
    if (isRefusal(status)) this.#share.refused();
    else if (counts) this.#share.failed(this.inFlight - 1);
    // Tries from before the endpoint began to fail do not count either; only the probe does.
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
  notTried(id: string): void {
    if (this.#probe === id) this.#probe = null;
    this.#ended();
  }

  /**
   * Whether the receiver serves fewer connections at a time than there are: others brought answers all the while, and this one
   * stood in its queue behind them. Connections leave that queue in the order in which they were made; if a younger one was
   * served, this one's request was read, and hangs.
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

  /** Whether all failures were answers, at a few paths, while another path takes at least some webhooks. */
  #areBadPaths(paths: ReadonlySet<string | null>): boolean {
    return !paths.has(null) && paths.size <= MOST_BAD_PATHS && this.#failedThere < GOOD_FAILS_AFTER;
  }

  #ended(): void {
    this.inFlight--;
    this.account.inFlight--;
  }
}

/** A 4xx that says nothing of the load. */
function isRefusal(status: number | null): boolean {
  return status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** A URL of one origin up to the end of its path. */
function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, "");
}
