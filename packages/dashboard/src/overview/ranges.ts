import type { Stat } from "@messaging-plus/sdk";

/** How long a time is shown, in spans of one length. */
export interface Range {
  title: string;
  by: "minute" | "hour" | "day";
  spans: number;
  /** How often it is asked for again, in milliseconds. */
  everyMs: number;
}

export const RANGES = {
  hour: { title: "Hour", by: "minute", spans: 60, everyMs: 10_000 },
  day: { title: "Day", by: "hour", spans: 24, everyMs: 30_000 },
  week: { title: "Week", by: "hour", spans: 168, everyMs: 60_000 },
  month: { title: "Month", by: "day", spans: 30, everyMs: 60_000 },
} as const satisfies Record<string, Range>;
export type RangeName = keyof typeof RANGES;

export const isRange = (name: string | null): name is RangeName => name !== null && Object.hasOwn(RANGES, name);

const SPAN_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The beginnings of the spans of a range that ends now, in epoch milliseconds; the last is not over. */
export function spansOf({ by, spans }: Range, now: number): number[] {
  const length = SPAN_MS[by];
  const last = Math.floor(now / length) * length;
  return Array.from({ length: spans }, (_, at) => last - (spans - 1 - at) * length);
}

/** The item of each span; undefined where nothing was. */
export function inSpans(items: readonly Stat[], spans: readonly number[]): (Stat | undefined)[] {
  const found = new Map(items.map((item) => [Date.parse(item.at), item]));
  return spans.map((at) => found.get(at));
}

export type Counts = Record<"accepted" | "submitted" | "delivered" | "failed", number>;

/** The sums of all spans by a group's value, that with the most messages first. */
export function sumsBy(
  items: readonly Stat[],
  group: "carrier" | "country" | "code",
): ({ value: string | null } & Counts)[] {
  const sums = new Map<string | null, Counts>();
  for (const item of items) {
    const value = item[group] ?? null;
    sums.set(value, plus(sums.get(value) ?? NOTHING, item));
  }
  const weight = ({ accepted, submitted, delivered, failed }: Counts): number =>
    Math.max(accepted, submitted, delivered + failed);
  return [...sums].map(([value, counts]) => ({ value, ...counts })).toSorted((a, b) => weight(b) - weight(a));
}

const NOTHING: Counts = { accepted: 0, submitted: 0, delivered: 0, failed: 0 };

export const total = (items: readonly Stat[]): Counts => items.reduce<Counts>(plus, NOTHING);

function plus(a: Counts, b: Counts): Counts {
  return {
    accepted: a.accepted + b.accepted,
    submitted: a.submitted + b.submitted,
    delivered: a.delivered + b.delivered,
    failed: a.failed + b.failed,
  };
}

/** Which part of what is final was delivered, 0 to 1; null where nothing is. */
export function deliveryRate(counts: Pick<Counts, "delivered" | "failed"> | undefined): number | null {
  if (counts === undefined || counts.delivered + counts.failed === 0) return null;
  return counts.delivered / (counts.delivered + counts.failed);
}
