import type { Api, CallOptions, Time } from "./api.ts";

/** Groups for sums. */
export type StatGroup = "account" | "carrier" | "country" | "channel" | "code";

export interface StatsFilter extends CallOptions {
  /** Default: an hour before `until` by the minute, a day by the hour, 30 days by the day. */
  since?: Time | undefined;
  /** Default: now. */
  until?: Time | undefined;
  /** Default: `hour`. */
  by?: "minute" | "hour" | "day" | undefined;
  group?: readonly StatGroup[] | undefined;
}

/** Seconds within which 50, 95 and 99 of a hundred ended, to within 13 %; null if there were none. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** The sums of one group in one minute, hour or day. */
export interface Stat {
  /** Its beginning, UTC. */
  at: string;
  /** Present if it is one of `group`, like the following. The account's identifier. */
  account?: string;
  carrier?: string | null;
  /** ISO 3166-1 alpha-2. */
  country?: string | null;
  channel?: "sms" | "rcs";
  /** The receipt code; null of messages that are not final. */
  code?: string | null;
  accepted: number;
  submitted: number;
  delivered: number;
  failed: number;
  /** Parts of the accepted messages. */
  parts: number;
  /** From the carrier's answer to the submit to the final receipt. */
  receipt_seconds: Percentiles;
  /** From a message's final state to the first success of its webhook. */
  webhook_seconds: Percentiles;
}

/** `/stats`: how many messages were sent, and what became of them; takes any key. */
export class Stats {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** By time and then by group, without empty sums. */
  get({ group, signal, ...filter }: StatsFilter = {}): Promise<{ items: Stat[] }> {
    const query = { ...filter, group: group === undefined || group.length === 0 ? undefined : group.join(",") };
    return this.#api.json({ method: "GET", path: "/stats", query }, { signal });
  }
}
