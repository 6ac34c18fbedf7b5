import { expect, test } from "vitest";
import { newBatchId } from "../../message/id.ts";
import { DELIVERED } from "../../message/lifecycle.ts";
import { NOT_BEGUN } from "../client/outcome.ts";
import type { Webhook } from "../webhook.ts";
import { SmppDeliveries } from "./deliveries.ts";

const FINAL_AT = 1_700_000_000_000;
const UNBOUND = { ...NOT_BEGUN, fault: "unbound" } as const;
const REFUSED = { ...NOT_BEGUN, fault: null, status: 0x64 } as const;

function receipt(tries: number): Webhook {
  const common = { accountId: 1, endpoint: 1, url: "smpp:acme?r=1", origin: "smpp:acme", retry: false };
  const message = { destination: "447700900123", state: DELIVERED, code: 0 };
  const ids = { givenId: null, batchId: null, batchGivenId: null, finalAt: FINAL_AT };
  const id = newBatchId(FINAL_AT - 5_000);
  return { ...common, id, kind: "receipt", tries, body: null, bundle: undefined, message: { ...message, ...ids } };
}

test.each([
  ["nobody was bound, again and again", UNBOUND, [5, 30, 120, 600, 3_600, 3_600]],
  ["it was refused, again and again", REFUSED, [1, 2, 5, 15, 60, 300, 300]],
])("the wait is longer each time where %s", (_name, outcome, waits) => {
  const deliveries = new SmppDeliveries(async () => "unbound", 86_400);
  const next = waits.map((_, tries) => deliveries.nextAt(receipt(tries), outcome, FINAL_AT));
  expect(next.map((at) => ((at ?? 0) - FINAL_AT) / 1_000)).toEqual(waits);
});

test("the last try is at the end of the time for which receipts are kept, and none comes after it", () => {
  const deliveries = new SmppDeliveries(async () => "unbound", 3);
  const next = (afterMs: number) => deliveries.nextAt(receipt(0), UNBOUND, FINAL_AT + afterMs);
  expect([0, 2_999, 3_000].map(next)).toEqual([FINAL_AT + 3_000, FINAL_AT + 3_000, null]);
});
