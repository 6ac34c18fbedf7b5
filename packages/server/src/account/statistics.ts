import { codeText } from "../message/code-number.ts";
import { type Percentiles, percentilesOf } from "../message/durations.ts";
import { addDurations, type Durations } from "../store/stats/durations-text.ts";
import type { StatGroup, SumRow } from "../store/stats/read-sums.ts";

/** The sums of one group in one span. */
export type StatItem = {
  /** The beginning of the span, ISO 8601. */
  at: string;
  accepted: number;
  submitted: number;
  delivered: number;
  failed: number;
  /** Of the accepted ones. */
  parts: number;
  receipt_seconds: Percentiles;
  webhook_seconds: Percentiles;
} & { [Group in StatGroup]?: string | null };

/** Sums as items, ordered by time and then by groups. */
export function statItems(rows: readonly SumRow[], groups: readonly StatGroup[]): StatItem[] {
  const keyed = rows.map((row) => ({ row, key: row.values.map((value) => value ?? "").join(" ") }));
  keyed.sort((one, other) => one.row.at - other.row.at || (one.key < other.key ? -1 : 1));
  return keyed.map(({ row: { at, values, receipts, webhooks, ...counts } }) => ({
    at: new Date(at).toISOString(),
    ...Object.fromEntries(groups.map((group, index) => [group, shown(group, values[index] ?? null)])),
    ...counts,
    receipt_seconds: percentiles(receipts),
    webhook_seconds: percentiles(webhooks),
  }));
}

function percentiles(text: string): Percentiles {
  const durations: Durations = new Map();
  addDurations(durations, text);
  return percentilesOf(durations);
}

function shown(group: StatGroup, value: string | null): string | null {
  return group === "code" && value !== null ? codeText(Number(value)) : value;
}
