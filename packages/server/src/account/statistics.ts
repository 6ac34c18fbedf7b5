import { codeText } from "../message/code-number.ts";
import { type Percentiles, percentilesOf } from "../message/durations.ts";
import { ACCEPTED, DELIVERED, FAILED, SUBMITTED } from "../message/lifecycle.ts";
import { TOLD } from "../store/stats/counts.ts";
import type { StatGroup, SumRow } from "../store/stats/read-sums.ts";

/** What happened in one span, of one group. */
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

interface Gathered {
  row: SumRow;
  messages: Map<number, number>;
  parts: number;
  receipts: Map<number, number>;
  webhooks: Map<number, number>;
}

/** Sums as items, in the order of their time and then of their groups. */
export function statItems(rows: readonly SumRow[], groups: readonly StatGroup[]): StatItem[] {
  const items = new Map<string, Gathered>();
  for (const row of rows) {
    const key = `${String(row.at).padStart(15)} ${row.values.map((value) => value ?? "").join(" ")}`;
    let item = items.get(key);
    if (item === undefined) {
      item = { row, messages: new Map(), parts: 0, receipts: new Map(), webhooks: new Map() };
      items.set(key, item);
    }
    add(item.messages, row.what, row.messages);
    item.parts += row.parts;
    if (row.bucket < 0) continue;
    if (row.what === DELIVERED || row.what === FAILED) add(item.receipts, row.bucket, row.messages);
    if (row.what === TOLD) add(item.webhooks, row.bucket, row.messages);
  }
  return [...items]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { row, messages, parts, receipts, webhooks }]) => ({
      at: new Date(row.at).toISOString(),
      ...Object.fromEntries(groups.map((group, index) => [group, shown(group, row.values[index] ?? null)])),
      accepted: messages.get(ACCEPTED) ?? 0,
      submitted: messages.get(SUBMITTED) ?? 0,
      delivered: messages.get(DELIVERED) ?? 0,
      failed: messages.get(FAILED) ?? 0,
      parts,
      receipt_seconds: percentilesOf(receipts),
      webhook_seconds: percentilesOf(webhooks),
    }));
}

function add(counts: Map<number, number>, key: number, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

function shown(group: StatGroup, value: string | null): string | null {
  return group === "code" && value !== null ? codeText(Number(value)) : value;
}
