import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { Table } from "./table.tsx";
import { axisText, SpanText } from "./time-axis.tsx";

/** One line of a chart. */
export interface Line {
  title: string;
  /** A variable of the palette, as in `--good`. */
  colour: string;
  /** Of each span; null for none. */
  values: readonly (number | null)[];
}

interface ChartProps {
  /** The chart in words, for screen readers. */
  label: string;
  /** The beginnings of the spans, in epoch milliseconds. The last span is not over. */
  spans: readonly number[];
  by: "minute" | "hour" | "day";
  lines: readonly Line[];
  /** How a value is written. */
  text(value: number): string;
  /** The highest value that there can be; the axis goes so far. */
  most?: number | undefined;
}

/** Of the table behind. */
interface Row {
  at: number;
  index: number;
}

const HEIGHT = 210;
/** Lines are told apart by these, whatever colours one sees. */
const DASHES = [[], [7, 4], [2, 3], [12, 3, 2, 3], [4, 6], [14, 5]];
const dashOf = (at: number): number[] => DASHES[at % DASHES.length]!;
const widthOf = (at: number): number => (at % DASHES.length === 2 ? 2.5 : 2);

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name);

/** Lines over time, with what the pointer is at in the legend, and a table behind. */
export function Chart({ label, spans, by, lines, text, most }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const titles = lines.map(({ title }) => title).join("\n");
  const data = [spans.map((at) => at / 1_000), ...lines.map(({ values }) => [...values])] as uPlot.AlignedData;

  useEffect(() => {
    const element = box.current!;
    const options = optionsOf({ by, lines, text, most }, element.clientWidth);
    const drawn = new uPlot(
      {
        ...options,
        hooks: { setCursor: [({ cursor }) => setPointed(cursor.idx ?? null)], drawClear: [markUnfinished] },
      },
      data,
      element,
    );
    plot.current = drawn;
    const sized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    sized.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = (): void => drawn.redraw(false);
    scheme.addEventListener("change", redraw);
    return () => {
      scheme.removeEventListener("change", redraw);
      sized.disconnect();
      drawn.destroy();
    };
  }, [by, titles]);
  useEffect(() => plot.current?.setData(data), [spans, lines]);

  return (
    <figure>
      <figcaption>{label}</figcaption>
      <p class="legend">
        {lines.map(({ title, colour: stroke, values }, at) => (
          <span key={title}>
            <svg width="30" height="8" aria-hidden="true">
              <line
                x1="0"
                x2="30"
                y1="4"
                y2="4"
                stroke={`var(${stroke})`}
                stroke-width={widthOf(at)}
                stroke-dasharray={dashOf(at).join(" ")}
              />
            </svg>
            {title} <b>{pointed !== null && valueText(values[pointed], text)}</b>
          </span>
        ))}
        <span class="quiet">
          {pointed !== null && spans[pointed] !== undefined && <SpanText at={spans[pointed]} by={by} />}
        </span>
      </p>
      <div
        ref={box}
        class="plot"
        role="img"
        aria-label={`${label}, as lines over time. The table behind has the same figures.`}
      />
      <details>
        <summary>As a table</summary>
        <Table
          label={`${label}, as a table`}
          rows={spans.map((at, index) => ({ at, index })).toReversed()}
          keyOf={({ at }) => String(at)}
          columns={[
            { title: "From", cell: ({ at }: Row) => <SpanText at={at} by={by} /> },
            ...lines.map(({ title, values }) => ({
              title,
              number: true,
              cell: ({ index }: Row) => valueText(values[index], text),
            })),
          ]}
        />
      </details>
    </figure>
  );
}

const valueText = (value: number | null | undefined, text: (value: number) => string): string =>
  value === null || value === undefined ? "–" : text(value);

function optionsOf(
  { by, lines, text, most }: Pick<ChartProps, "by" | "lines" | "text" | "most">,
  width: number,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: () => colour("--quiet"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    // The pointer of one chart is at the same time in all of them.
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: "overview" } },
    // Days are of UTC.
    ...(by === "day" ? { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1_000), "Etc/UTC") } : {}),
    scales: { y: { range: (_plot, _min, max) => [0, most ?? Math.max(max * 1.05, 1)] } },
    axes: [
      { ...axis, space: 70, size: 30, values: (_plot, splits) => axisText(splits, by) },
      { ...axis, size: 62, values: (_plot, splits) => splits.map(text) },
    ],
    series: [
      {},
      ...lines.map(({ title, colour: name }, at) => ({
        label: title,
        stroke: () => colour(name),
        width: widthOf(at),
        dash: dashOf(at),
        points: { show: true, size: 6, filter: alone },
      })),
    ],
  };
}

/** A value between two gaps has no line: it is a point. */
const alone: uPlot.Series.Points.Filter = ({ data }, line) => {
  const values = data[line]!;
  const isNone = (at: number): boolean => (values[at] ?? null) === null;
  return Array.from(values.keys()).filter((at) => !isNone(at) && isNone(at - 1) && isNone(at + 1));
};

/** Shades the last span: it is not over, and its sums still grow. */
function markUnfinished({ ctx, bbox, data: [times], valToPos }: uPlot): void {
  const before = times.at(-2);
  if (before === undefined) return;
  const left = valToPos(before, "x", true);
  ctx.fillStyle = colour("--soft");
  ctx.fillRect(left, bbox.top, bbox.left + bbox.width - left, bbox.height);
}
