import type { Api, CallOptions, Time } from "./api.ts";

/** Groups that sums can be parted by. */
export type StatGroup = "account" | "carrier" | "country" | "channel" | "code";

export interface StatsFilter extends CallOptions {
  /** Unless told, an hour before `until` by the minute, a day by the hour, 30 days by the day. */
  since?: Time | undefined;
  /** Now unless told. */
  until?: Time | undefined;
  /** `hour` unless told. */
  by?: "minute" | "hour" | "day" | undefined;
  group?: readonly StatGroup[] | undefined;
}

/** Seconds that half of them, 95 and 99 of a hundred took at most, to within 13 %; null where there were none. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** The sums of one group in one minute, hour or day. */
export interface Stat {
  /** Its beginning, UTC. */
  at: string;
  /** As the following, where it is one of `group`. The account's identifier. */
  account?: string;
  carrier?: string | null;
  /** ISO 3166-1 alpha-2. */
  country?: string | null;
  channel?: "sms" | "rcs";
  /** The receipt code; null of what is not final. */
  code?: string | null;
  accepted: number;
  submitted: number;
  delivered: number;
  failed: number;
  /** Parts of the accepted messages. */
  parts: number;
  /** From a carrier's taking a message to its final receipt. */
  receipt_seconds: Percentiles;
  /** From a message's end to the first success of its webhook. */
  webhook_seconds: Percentiles;
}

/** `/stats`: how much was sent, and what became of it; with any key. */
export class Stats {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** By time and then by group; what had nothing is left out. */
  get({ group, signal, ...filter }: StatsFilter = {}): Promise<{ items: Stat[] }> {
    const query = { ...filter, group: group === undefined || group.length === 0 ? undefined : group.join(",") };
    return this.#api.json({ method: "GET", path: "/stats", query }, { signal });
  }
}
