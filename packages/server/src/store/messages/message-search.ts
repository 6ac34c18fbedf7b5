import type { Channel } from "../../message/channel.ts";
import { DELIVERED, FAILED } from "../../message/lifecycle.ts";
import { isViewers, type MessageRow, type Viewer } from "./message-row.ts";

/** Which messages; null for any. */
export interface MessageFilter {
  viewer: Viewer;
  /** The lowest and the highest id, both included. */
  first: string;
  last: string;
  /** A whole number, or the end of one: its last six digits at least. */
  number: { digits: string; whole: boolean } | null;
  sender: string | null;
  states: readonly number[] | null;
  /** Of final ones. */
  code: number | null;
  channel: Channel | null;
  /** The carrier's number. */
  carrier: number | null;
  /** Only those that are batches of their own. */
  single: boolean;
  /** An account's number, beside what the viewer may see. */
  account: number | null;
}

export interface MessagePage {
  /** The newest first. */
  rows: MessageRow[];
  /** The id that the next page begins below; null at the end. */
  next: string | null;
}

/** A page that is asked for. */
export interface Search {
  filter: MessageFilter;
  /** The id that its messages are below. */
  before: string;
  limit: number;
  /** After which it is answered as far as it has come; epoch milliseconds. */
  giveUpAt: number;
}

/** The time that one statement of a search may take. */
const STATEMENT_MS = 900;

/**
 * Of the transaction of a search: none of its statements has a connection for long. In order means by the primary key:
 * where the planner knows the range's begin only as it runs, it takes it for small, and would sort a whole history.
 */
export const SEARCH_SETTINGS = `
SET TRANSACTION READ ONLY;
SET LOCAL statement_timeout = ${STATEMENT_MS};
SET LOCAL plan_cache_mode = force_custom_plan;
SET LOCAL enable_sort = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_bitmapscan = on`;

/** Beside these, where the planner is to choose between a day's indexes: by its own measure. */
export const CHOICE_SETTINGS = `
SET LOCAL enable_sort = on;
SET LOCAL cpu_tuple_cost = 0.01;
SET LOCAL cpu_index_tuple_cost = 0.005`;

/** Parameters of a statement as they are named in it. */
export class Values {
  readonly all: unknown[] = [];

  add(value: unknown): string {
    this.all.push(value);
    return `$${this.all.length}`;
  }
}

/** Columns by which rows are looked for, and the same as the indexes of a day that is over have them (day-indexes.ts). */
const PLAIN = { account: "m.account_id", state: "m.state", carrier: "m.carrier" };
const INDEXED = { account: "m.account_id + 0", state: "m.state + 0", carrier: "m.carrier + 0" };

/**
 * The conditions of a filter on a row `m`, but for the range of ids and the number.
 * @param indexed whether for a day that has its indexes; its rows are then those that have a sender of their own
 */
export function conditionsOf(filter: MessageFilter, values: Values, indexed = false): string {
  const { viewer, sender, states, code, channel, carrier, account, single } = filter;
  const columns = indexed ? INDEXED : PLAIN;
  const all = [isViewers(viewer, values.add(viewer.accountId), values.add(viewer.organizationId), columns.account)];
  if (single) all.push("m.batch_id IS NULL");
  if (account !== null) all.push(`${columns.account} = ${values.add(account)}`);
  if (states !== null) all.push(`${columns.state} = ANY (${values.add(states)}::int[])`);
  if (code !== null) all.push(`m.code = ${values.add(code)} AND ${columns.state} IN (${DELIVERED}, ${FAILED})`);
  if (channel !== null) all.push(`coalesce(m.channel, 'sms') = ${values.add(channel)}`);
  if (carrier !== null) all.push(`${columns.carrier} = ${values.add(carrier)}`);
  if (sender !== null) {
    const own = indexed ? "m.sender" : "coalesce(m.sender, (SELECT s.sender FROM batch s WHERE s.id = m.batch_id))";
    all.push(`${own} = ${values.add(sender)}`);
  }
  return all.join(" AND ");
}

/** The condition that a row `m` is within the range of a search. */
export function rangeOf({ filter: { first, last }, before }: Search, values: Values): string {
  return `m.id < ${values.add(before)} AND m.id <= ${values.add(last)} AND m.id >= ${values.add(first)}`;
}

/** The page, of the newest rows and at least one more. */
export function full(rows: readonly MessageRow[], limit: number): MessagePage {
  const shown = rows.slice(0, limit);
  return { rows: shown, next: shown.at(-1)?.id ?? null };
}
