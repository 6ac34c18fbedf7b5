import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHANNELS, type Channel, channelTimes, planOf } from "./channel.ts";

describe("the plan of channels", () => {
  test.each<[Channel[], ReturnType<typeof planOf>]>([
    [[], null],
    [["sms"], null],
    [["sms", "sms"], null],
    [["rcs"], { channel: "rcs", fallback: null }],
    [["rcs", "rcs"], { channel: "rcs", fallback: null }],
    [["rcs", "sms"], { channel: "rcs", fallback: "sms" }],
    [["rcs", "sms", "rcs"], { channel: "rcs", fallback: "sms" }],
    [["sms", "rcs"], { channel: "sms", fallback: "rcs" }],
  ])("of %j is %j", (channels, plan) => {
    expect(planOf(channels)).toEqual(plan);
  });

  test("names each channel at most once, and none that was not given", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...CHANNELS), { minLength: 1 }), (channels) => {
        const { channel, fallback } = planOf(channels) ?? { channel: "sms", fallback: null };
        expect(channel).toBe(channels[0]);
        expect(fallback).toBe(channels.find((other) => other !== channel) ?? null);
      }),
    );
  });
});

describe("the time of a channel", () => {
  test.each([
    ["as configured, and ten seconds for its receipt", 3_600_000, 300_000, { deliverBy: 300_000, receiptBy: 310_000 }],
    ["half of a short validity", 60_000, 300_000, { deliverBy: 30_000, receiptBy: 40_000 }],
    ["with half as long again for its receipt", 60_000, 1_000, { deliverBy: 1_000, receiptBy: 1_500 }],
    ["none where the validity is over", -5, 300_000, { deliverBy: 0, receiptBy: 0 }],
  ])("is %s", (_, expiresAt, fallbackAfterMs, times) => {
    expect(channelTimes(0, expiresAt, fallbackAfterMs)).toEqual(times);
  });

  test("leaves the next channel some of the validity", () => {
    const ms = fc.integer({ min: 1, max: 604_800_000 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 41 }), ms, ms, (now, validity, fallbackAfterMs) => {
        const { deliverBy, receiptBy } = channelTimes(now, now + validity, fallbackAfterMs);
        expect(deliverBy).toBeGreaterThan(now);
        expect(deliverBy - now).toBeLessThanOrEqual(fallbackAfterMs);
        expect(receiptBy).toBeGreaterThan(deliverBy);
        expect(receiptBy - now).toBeLessThanOrEqual((3 / 4) * validity + 0.001);
      }),
    );
  });
});
