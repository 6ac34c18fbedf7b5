import type { MessageFilter, MessageState } from "@messaging-plus/sdk";
import { fieldsOf } from "../route.ts";

/** The states of a message in the order of its life, and in words. */
export const MESSAGE_STATES: readonly (readonly [MessageState, string])[] = [
  ["accepted", "accepted"],
  ["submitted", "with the carrier"],
  ["delivered", "delivered"],
  ["failed", "failed"],
];

/** Filters of the list of messages, by the names that they have in the address and in the API. */
const FIELDS = [
  "to",
  "from",
  "state",
  "code",
  "channel",
  "carrier",
  "batch",
  "account",
  "since",
  "until",
] as const satisfies readonly (keyof MessageFilter)[];

/**
 * The filters as they stand in the address: empty where they do not filter, states with commas, times in UTC, so that a
 * link finds the same for whoever opens it.
 */
export type MessageFields = Record<(typeof FIELDS)[number], string>;

export const messageFields = (query: URLSearchParams): MessageFields => fieldsOf(FIELDS, query);

/** The filters as the API takes them. What makes no sense it refuses, in its words. */
export function messageFilter({ state, ...fields }: MessageFields): MessageFilter {
  const given = Object.entries(fields).filter(([, value]) => value !== "");
  return { ...Object.fromEntries(given), state: state === "" ? undefined : (state.split(",") as MessageState[]) };
}
