import { expect, test } from "vitest";
import { carrierMetrics } from "../../src/carriers/metrics.ts";
import { acceptMetrics, createRegistry, engineMetrics } from "../../src/runtime/metrics.ts";
import { smppServerMetrics } from "../../src/smpp-server/metrics.ts";
import { page } from "./page.ts";

const rules = page("deploy/prometheus-rules.yml");
const alerts = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name!);

/** The names of all metrics, with those of the parts of histograms. */
function metrics(): Set<string> {
  const registry = createRegistry("engine");
  const readings = {
    buffered: () => ({ messages: 0, webhooks: 0 }),
    freeBytes: () => null,
    awaitingStandbySince: () => null,
  };
  engineMetrics(registry, readings);
  acceptMetrics(registry);
  carrierMetrics(registry, () => []);
  smppServerMetrics(registry, () => ({}));
  return new Set(registry.getMetricsAsArray().flatMap(({ name }) => [name, `${name}_bucket`]));
}

test.each(["prometheus-rules.yml", "prometheus-rules.test.yml", "grafana-dashboard.json"])(
  "deploy/%s asks for metrics that there are",
  (file) => {
    const known = metrics();
    const named = [...page(`deploy/${file}`).matchAll(/\b(?:mplus|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(5);
    expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
  },
);

test("of each alert the page says what to do, under the heading that the alert names", () => {
  const headings = [...page("docs/operating/alerts.md").matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  expect(headings).toEqual(alerts);
  const runbooks = [...rules.matchAll(/runbook: docs\/operating\/alerts\.md#(\w+)/g)].map(([, anchor]) => anchor);
  expect(runbooks).toEqual(alerts.map((name) => name.toLowerCase()));
});
