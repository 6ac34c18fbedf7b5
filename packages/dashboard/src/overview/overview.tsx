import type { MessagingPlus, Stat } from "@messaging-plus/sdk";
import { useMe } from "../api/me.ts";
import { useAnswer, useEvery } from "../api/use-api.ts";
import { FailingEndpoints } from "../endpoints/endpoints.tsx";
import { CarriersOverTime } from "../operator/carriers-over-time.tsx";
import { Waiting } from "../operator/waiting.tsx";
import { Chart } from "../parts/chart.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { compactText, numberText, percentText, secondsText } from "../parts/values.tsx";
import { hrefOf } from "../route.ts";
import { Breakdown } from "./breakdown.tsx";
import { deliveryRate, inSpans, isRange, RANGES, type Range, type RangeName, spansOf, total } from "./ranges.ts";

const GROUPS = ["code", "carrier", "country"] as const;

/** The answers to the requests for a range, which are sent at the same time. */
async function ask(api: MessagingPlus, range: Range, signal: AbortSignal) {
  const spans = spansOf(range, Date.now());
  const window = { since: new Date(spans[0]!), by: range.by, signal };
  const [all, code, carrier, country] = await Promise.all([
    api.stats.get(window),
    ...GROUPS.map((group) => api.stats.get({ ...window, group: [group] })),
  ]);
  return { spans, all: all.items, code: code!.items, carrier: carrier!.items, country: country!.items };
}

/** How much was sent in a time, and what became of it. */
export function Overview({ range: name }: { range: string | null }) {
  const chosen = isRange(name) ? name : "day";
  const range = RANGES[chosen];
  const { kind } = useMe();
  const { answer, problem, loading, ask: again } = useAnswer((api, { signal }) => ask(api, range, signal), chosen);
  useEvery(loading ? null : range.everyMs, again);
  return (
    <>
      <div class="heading">
        <h1>Overview</h1>
        <RangeChoice chosen={chosen} />
      </div>
      <ProblemBox problem={problem} />
      {answer === undefined && loading && <p class="quiet">Loading…</p>}
      {answer !== undefined && (
        <>
          <Figures items={answer.all} />
          <div class="charts">
            <Charts spans={answer.spans} by={range.by} items={answer.all} />
            {kind === "operator" && <CarriersOverTime spans={answer.spans} by={range.by} items={answer.carrier} />}
          </div>
          <div class="boards">
            <Breakdown items={answer.code} group="code" />
            <div>
              <Breakdown items={answer.carrier} group="carrier" />
              <Breakdown items={answer.country} group="country" />
              {kind === "operator" && <Waiting />}
            </div>
          </div>
          <FailingEndpoints />
        </>
      )}
    </>
  );
}

function RangeChoice({ chosen }: { chosen: RangeName }) {
  return (
    <nav class="choice" aria-label="Time shown">
      {Object.entries(RANGES).map(([name, { title }]) => (
        <a key={name} href={hrefOf(["overview"], { range: name })} aria-current={name === chosen ? "true" : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}

function Figures({ items }: { items: readonly Stat[] }) {
  const { accepted, delivered, failed } = total(items);
  const rate = deliveryRate({ delivered, failed });
  const figures = [
    ["Accepted", numberText(accepted)],
    ["Delivered", numberText(delivered)],
    ["Failed", numberText(failed)],
    ["Delivery rate", rate === null ? "–" : percentText(rate)],
  ] as const;
  return (
    <dl class="figures">
      {figures.map(([title, text]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ChartsProps {
  spans: readonly number[];
  by: Range["by"];
  items: readonly Stat[];
}

const STATES = [
  ["accepted", "--quiet"],
  ["submitted", "--link"],
  ["delivered", "--good"],
  ["failed", "--bad"],
] as const;
const PERCENTILES = [
  ["p50", "half", "--good"],
  ["p95", "95 %", "--link"],
  ["p99", "99 %", "--bad"],
] as const;

function Charts({ spans, by, items }: ChartsProps) {
  const found = inSpans(items, spans);
  const percentiles = (of: "receipt_seconds" | "webhook_seconds") =>
    PERCENTILES.map(([name, title, colour]) => ({
      title,
      colour,
      values: found.map((item) => item?.[of][name] ?? null),
    }));
  return (
    <>
      <Chart
        label="Messages"
        spans={spans}
        by={by}
        text={compactText}
        lines={STATES.map(([title, colour]) => ({ title, colour, values: found.map((item) => item?.[title] ?? 0) }))}
      />
      <Chart
        label="Delivery rate"
        spans={spans}
        by={by}
        text={percentText}
        most={1}
        lines={[{ title: "of what is final", colour: "--good", values: found.map(deliveryRate) }]}
      />
      <Chart label="Time to receipt" spans={spans} by={by} text={secondsText} lines={percentiles("receipt_seconds")} />
      <Chart label="Time to webhook" spans={spans} by={by} text={secondsText} lines={percentiles("webhook_seconds")} />
    </>
  );
}
