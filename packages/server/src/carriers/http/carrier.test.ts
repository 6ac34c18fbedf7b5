import { pino } from "pino";
import { expect, test } from "vitest";
import type { HttpCarrierConfig } from "../../config/carriers.ts";
import { operatorPolicyOf } from "../../network/policy.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { Submission } from "../carrier.ts";
import { HttpCarrier } from "./carrier.ts";

test("what is no text is another carrier's: no API takes octets", async () => {
  const carrier = new HttpCarrier({
    config: { id: "x", window: 1, throughput: 0, responseTimeout: 1, receipts: { id: null } } as HttpCarrierConfig,
    number: 1,
    log: pino({ enabled: false }),
    clock: systemClock,
    events: { onFree: () => {}, onDeliver: () => {} },
    policy: operatorPolicyOf({ network: "loopback" }),
    receiptUrl: () => "",
  });
  await carrier.start();
  const coded = { dataCoding: 4, esmClass: 0, octets: "0102" };
  const message = { id: "m", accountId: 1, destination: "447700900123", sender: "x", body: "", parts: 1, expiresAt: 0 };
  const submission = await new Promise<Submission>((done) => {
    carrier.submit({ ...message, coded: coded as NonNullable<Parameters<typeof carrier.submit>[0]["coded"]> }, done);
  });
  expect(submission).toEqual({ kind: "refused", code: "52", other: true });
  expect(carrier.free).toBe(1);
  await carrier.close(0);
});
