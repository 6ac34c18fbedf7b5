import type { CarrierConfig, Failover, RouteConfig } from "../config/config.ts";
import { type Channel, channelOf } from "../message/channel.ts";
import { normaliseSenderId } from "../message/sender-id.ts";

/** The routes of each channel; a channel without any has every carrier that serves it. */
export function routesByChannel(
  routes: readonly RouteConfig[],
  carriers: readonly Pick<CarrierConfig, "id" | "type">[],
  accounts: ReadonlyMap<string, number>,
): Record<Channel, Routes> {
  const of = (channel: Channel): Routes =>
    new Routes(
      routes.filter((route) => route.channel === channel),
      carriers.filter((carrier) => channelOf(carrier) === channel).map(({ id }) => id),
      accounts,
    );
  return { sms: of("sms"), rcs: of("rcs") };
}

/** Carriers in the order in which a message is offered to them, and the reasons for going on to the next. */
export interface Way {
  carriers: readonly string[];
  failover: ReadonlySet<Failover>;
}

/** A route, with the account and sender whose messages it takes. */
export class Route {
  /** The route of the configuration; null for every carrier, without routes. */
  readonly config: RouteConfig | null;
  /** Null: every account's, any sender's. */
  readonly account: number | null;
  readonly sender: string | null;
  /** One for each carrier that can be the first: several with shares. */
  readonly ways: readonly Way[];
  readonly #shares: readonly number[];
  readonly #credits: number[];
  readonly #sum: number;

  constructor(config: RouteConfig | null, carriers: readonly string[], account: number | null) {
    this.config = config;
    this.account = account;
    const sender = config?.sender ?? null;
    this.sender = sender === null ? null : (normaliseSenderId(sender) ?? sender);
    const failover = new Set<Failover>(config?.failover ?? ["down"]);
    const shares = config?.share ?? [];
    const ids = shares.length === 0 ? carriers : shares.map(({ id }) => id);
    this.#shares = shares.map(({ share }) => share);
    this.#credits = this.#shares.map(() => 0);
    this.#sum = this.#shares.reduce((one, other) => one + other, 0);
    this.ways =
      shares.length === 0
        ? [{ carriers: ids, failover }]
        : ids.map((first) => ({ carriers: [first, ...ids.filter((id) => id !== first)], failover }));
  }

  get carriers(): readonly string[] {
    return (this.ways[0] as Way).carriers;
  }

  /**
   * The way of the next message. Shares follow smooth weighted round robin, which is never off by more than one message of
   * each carrier: each earns its share, the richest is taken and pays for all.
   */
  next(): Way {
    if (this.#shares.length === 0) return this.ways[0] as Way;
    let best = 0;
    for (let i = 0; i < this.#shares.length; i++) {
      this.#credits[i] = (this.#credits[i] as number) + (this.#shares[i] as number);
      if ((this.#credits[i] as number) > (this.#credits[best] as number)) best = i;
    }
    this.#credits[best] = (this.#credits[best] as number) - this.#sum;
    return this.ways[best] as Way;
  }

  isFor(account: number, sender: string): boolean {
    return (this.account === null || this.account === account) && (this.sender === null || this.sender === sender);
  }

  /** The more conditions it has, the earlier it is tried. */
  get narrowness(): number {
    return (this.account === null ? 0 : 2) + (this.sender === null ? 0 : 1);
  }
}

/** An account that the configuration names and the store lacks. */
const NOBODY = -1;

/**
 * The routes of one channel. Among the routes for a message's account and sender the longest prefix wins; of equal prefixes
 * the route that names its account, then the one that names its sender, then the first. Without routes, every carrier in the
 * order given. Without carriers, no route leads anywhere.
 */
export class Routes {
  readonly #byPrefix = new Map<string, Route[]>();
  readonly #longest: number;

  /** @param accounts numbers of accounts by their identifiers */
  constructor(
    routes: readonly RouteConfig[],
    carrierMessageIds: readonly string[],
    accounts: ReadonlyMap<string, number> = new Map(),
  ) {
    if (routes.length === 0 && carrierMessageIds.length > 0)
      this.#byPrefix.set("", [new Route(null, carrierMessageIds, null)]);
    for (const config of routes) {
      const account = config.account === null ? null : (accounts.get(config.account.toLowerCase()) ?? NOBODY);
      const route = new Route(config, config.carriers, account);
      const before = this.#byPrefix.get(config.to);
      if (before === undefined) this.#byPrefix.set(config.to, [route]);
      else before.push(route);
    }
    for (const list of this.#byPrefix.values()) list.sort((one, other) => other.narrowness - one.narrowness);
    this.#longest = Math.max(...[...this.#byPrefix.keys()].map((prefix) => prefix.length), 0);
  }

  /** The routes of each prefix that has routes of its own. */
  get byPrefix(): ReadonlyMap<string, readonly Route[]> {
    return this.#byPrefix;
  }

  /** Every way that a message can take. */
  get all(): readonly Way[] {
    return [...this.#byPrefix.values()].flat().flatMap(({ ways }) => ways);
  }

  /** Undefined if no route leads to the destination. */
  to(destination: string, account: number, sender: string): Route | undefined {
    for (let length = Math.min(this.#longest, destination.length); length >= 0; length--) {
      const routes = this.#byPrefix.get(destination.slice(0, length));
      if (routes === undefined) continue;
      for (const route of routes) if (route.isFor(account, sender)) return route;
    }
    return undefined;
  }
}
