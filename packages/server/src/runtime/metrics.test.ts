import { expect, test } from "vitest";
import { createRegistry, engineMetrics } from "./metrics.ts";

test("what is counted between two readings is added, and nothing is counted twice", async () => {
  const registry = createRegistry("engine");
  const metrics = engineMetrics(registry, {
    buffered: () => ({ messages: 0, webhooks: 0 }),
    freeBytes: () => null,
    awaitingStandbySince: () => null,
  });
  const read = async () =>
    (await registry.metrics())
      .split("\n")
      .filter((line) => /^mplus_(receipts|messages_final|webhook_attempts)_total/.test(line));
  metrics.receipt("acme", "delivered");
  metrics.receipt("acme", "delivered");
  metrics.receipt("other", "expired");
  metrics.final(2);
  metrics.attempt("delivered", 5);
  const first = [
    'mplus_receipts_total{carrier="acme",state="delivered",process="engine"} 2',
    'mplus_receipts_total{carrier="other",state="expired",process="engine"} 1',
    'mplus_messages_final_total{state="delivered",process="engine"} 1',
    'mplus_messages_final_total{state="failed",process="engine"} 0',
    'mplus_webhook_attempts_total{result="delivered",process="engine"} 1',
    'mplus_webhook_attempts_total{result="failed",process="engine"} 0',
    'mplus_webhook_attempts_total{result="exhausted",process="engine"} 0',
  ];
  expect(await read()).toEqual(first);
  expect(await read()).toEqual(first);
  metrics.receipt("other", "expired");
  metrics.final(3);
  expect(await read()).toEqual([
    first[0],
    'mplus_receipts_total{carrier="other",state="expired",process="engine"} 2',
    first[2],
    'mplus_messages_final_total{state="failed",process="engine"} 1',
    ...first.slice(4),
  ]);
});
