import type { CarrierConfig, RouteConfig } from "../config/config.ts";
import { type Channel, channelOf } from "../message/channel.ts";

/** The routes of each channel: without any of its own it has every carrier that serves it. */
export function routesByChannel(
  routes: readonly RouteConfig[],
  carriers: readonly Pick<CarrierConfig, "id" | "type">[],
): Record<Channel, Routes> {
  const of = (channel: Channel): Routes =>
    new Routes(
      routes.filter((route) => route.channel === channel),
      carriers.filter((carrier) => channelOf(carrier) === channel).map(({ id }) => id),
    );
  return { sms: of("sms"), rcs: of("rcs") };
}

/**
 * Of one channel, the carriers for each destination: the longest prefix wins; without routes, every carrier in the order given. Where
 * there is no carrier at all, no route leads anywhere.
 */
export class Routes {
  readonly #byPrefix = new Map<string, readonly string[]>();
  readonly #longest: number;

  constructor(routes: readonly RouteConfig[], carrierIds: readonly string[]) {
    if (routes.length === 0 && carrierIds.length > 0) this.#byPrefix.set("", carrierIds);
    for (const route of routes) if (!this.#byPrefix.has(route.to)) this.#byPrefix.set(route.to, route.carriers);
    this.#longest = Math.max(...[...this.#byPrefix.keys()].map((prefix) => prefix.length), 0);
  }

  /** Each prefix of numbers that has carriers of its own. */
  get byPrefix(): ReadonlyMap<string, readonly string[]> {
    return this.#byPrefix;
  }

  /** Every list of carriers that a destination can have. */
  get all(): readonly (readonly string[])[] {
    return [...this.#byPrefix.values()];
  }

  /** Carrier ids in order of preference; undefined where no route leads to the destination. */
  to(destination: string): readonly string[] | undefined {
    for (let length = Math.min(this.#longest, destination.length); length >= 0; length--) {
      const carriers = this.#byPrefix.get(destination.slice(0, length));
      if (carriers !== undefined) return carriers;
    }
    return undefined;
  }
}
