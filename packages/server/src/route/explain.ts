import type { Config, Failover } from "../config/config.ts";
import type { Channel } from "../message/channel.ts";
import { Routes } from "./routes.ts";

/** The kind of message whose route is looked up. */
export interface RouteQuestion {
  /** Digits. */
  to: string;
  channel: Channel;
  /** An account's identifier, in lower case; null for one that no route names. */
  account: string | null;
  sender: string | null;
}

/** The state of a carrier, as far as routing needs it. */
export interface CarrierNow {
  id: string;
  state: string;
  paused?: boolean;
}

export interface RouteAnswer {
  to: string;
  channel: Channel;
  account: string | null;
  sender: string | null;
  /** The route of the configuration; null if no route fits, or there is none and every carrier serves. */
  route: {
    /** Its index among the routes. */
    index: number;
    to: string;
    account: string | null;
    sender: string | null;
    failover: readonly Failover[];
  } | null;
  /** In order of preference. `share`: the part of the messages for which it is the first. */
  carriers: { id: string; state: string | null; paused: boolean; share: number | null }[];
  /** The carrier that the next such message goes to now; null if shares decide, or no carrier takes it. */
  next: string | null;
  why: string;
}

/** The carriers that a message would go to, and why. */
export function explainRoute(
  { routes, carriers }: Pick<Config, "routes" | "carriers">,
  { to, channel, account, sender }: RouteQuestion,
  now: readonly CarrierNow[],
): RouteAnswer {
  // The accounts of routes are told apart by any numbers; another account's is none of them.
  const named = [...new Set(routes.flatMap((route) => route.account?.toLowerCase() ?? []))];
  const numbers = new Map(named.map((identifier, index) => [identifier, index + 1]));
  const ids = carriers.filter(({ type }) => (type === "rcs") === (channel === "rcs")).map(({ id }) => id);
  const ofChannel = routes.filter((route) => route.channel === channel);
  const route = new Routes(ofChannel, ids, numbers).to(to, numbers.get(account ?? "") ?? 0, sender ?? "");
  const asked = { to, channel, account, sender };
  if (route === undefined) {
    const why = `No route for ${channel} fits ${to}: the message fails with 53, or goes on by its next channel.`;
    return { ...asked, route: null, carriers: [], next: null, why };
  }
  const { config } = route;
  const shares = config?.share ?? [];
  const sum = shares.reduce((total, { share }) => total + share, 0);
  const listed = route.carriers.map((id) => {
    const { state = null, paused = false } = now.find((carrier) => carrier.id === id) ?? {};
    const share = shares.find((one) => one.id === id)?.share;
    return { id, state, paused, share: share === undefined ? null : share / sum };
  });
  const takes = listed.filter(({ state, paused }) => state !== null && state !== "down" && !paused);
  const { failover } = route.ways[0] as { failover: ReadonlySet<Failover> };
  const first = failover.has("down") ? takes[0] : takes.find(({ id }) => id === listed[0]?.id);
  const next = shares.length > 1 ? null : (first?.id ?? null);
  const why = [whyRoute(config), shares.length > 1 ? "The first carrier is chosen by shares." : whyNext(next)].join(
    " ",
  );
  const own = config && {
    index: routes.indexOf(config),
    to: config.to,
    account: config.account,
    sender: config.sender,
    failover: config.failover,
  };
  return { ...asked, route: own, carriers: listed, next, why };
}

function whyRoute(config: Config["routes"][number] | null): string {
  if (config === null) return "There are no routes for this channel: every carrier of it serves, in the order given.";
  const { to, account, sender } = config;
  const names = [...(account === null ? [] : ["the account"]), ...(sender === null ? [] : ["the sender"])];
  const also = names.length === 0 ? "" : `, and of one prefix the route that names ${names.join(" and ")} goes first`;
  return to === ""
    ? `The route is for every number: no longer prefix fits${also}.`
    : `"${to}" is the longest prefix that fits${also}.`;
}

function whyNext(next: string | null): string {
  return next === null
    ? "None of its carriers takes messages now: the message waits."
    : `"${next}" is the first of its carriers that takes messages.`;
}
