import type { Stat } from "@messaging-plus/sdk";
import { inSpans, type Range, sumsBy } from "../overview/ranges.ts";
import { Chart } from "../parts/chart.tsx";
import { compactText } from "../parts/values.tsx";

/** More lines in one chart are not told apart. */
const MOST = 6;
const COLOURS = ["--link", "--good", "--wait", "--bad", "--ink", "--quiet"];

interface CarriersOverTimeProps {
  spans: readonly number[];
  by: Range["by"];
  /** The sums by carrier. */
  items: readonly Stat[];
}

/** The messages that each of the busiest carriers took. */
export function CarriersOverTime({ spans, by, items }: CarriersOverTimeProps) {
  const carriers = sumsBy(items, "carrier")
    .filter(({ value }) => value !== null)
    .slice(0, MOST);
  if (carriers.length === 0) return null;
  return (
    <Chart
      label="Submitted, by carrier"
      spans={spans}
      by={by}
      text={compactText}
      lines={carriers.map(({ value }, at) => ({
        title: value!,
        colour: COLOURS[at]!,
        values: inSpans(
          items.filter(({ carrier }) => carrier === value),
          spans,
        ).map((item) => item?.submitted ?? 0),
      }))}
    />
  );
}
