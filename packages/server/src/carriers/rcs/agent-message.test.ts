import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDelivered, isReceiptCode } from "../../message/receipt-codes.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import { agentMessageRequest, agentMessageVerdict } from "./agent-message.ts";

const NOW = 1_000_000;
const ID = "01a209e4-176d-7660-b8de-a22610700001";

function request(extra: Partial<WaitingMessage> = {}, baseUrl = "https://rbm.example.com") {
  const fixed = { id: ID, accountId: 1, destination: "447700900123", sender: "MyShop", body: "Grüße 👋", parts: 1 };
  const message = { ...fixed, expiresAt: NOW + 90_000, ...extra };
  const { url, body } = agentMessageRequest(message, null, { baseUrl, agentId: "my shop&co" }, NOW);
  return { url: new URL(url), body: JSON.parse(body) };
}

describe("the request", () => {
  test.each(["https://rbm.example.com", "https://rbm.example.com/", "https://rbm.example.com/eu//"])(
    "to %s names handset, message and agent",
    (baseUrl) => {
      const { url } = request({}, baseUrl);
      expect(url.href.startsWith(baseUrl.replace(/\/+$/, ""))).toBe(true);
      expect(url.pathname.endsWith("/v1/phones/+447700900123/agentMessages")).toBe(true);
      expect([...url.searchParams]).toEqual([
        ["messageId", ID],
        ["agentId", "my shop&co"],
      ]);
    },
  );

  test.each<[string, Partial<WaitingMessage>, string]>([
    ["its validity", {}, "90s"],
    ["its validity, in fractions", { expiresAt: NOW + 1_234.5 }, "1.235s"],
    ["its channel's time", { deliverBy: NOW + 30_000 }, "30s"],
    ["a second where there is no more", { expiresAt: NOW }, "1s"],
  ])("says the text, and how long it is good for: %s", (_, extra, ttl) => {
    expect(request(extra).body).toEqual({ contentMessage: { text: "Grüße 👋" }, ttl });
  });
});

describe("an answer", () => {
  test.each<[number, ReturnType<typeof agentMessageVerdict>]>([
    [200, { kind: "accepted" }],
    [201, { kind: "accepted" }],
    [409, { kind: "accepted" }],
    [401, { kind: "unauthorized" }],
    [404, { kind: "refused", code: "41" }],
    [400, { kind: "refused", code: "52" }],
    [403, { kind: "refused", code: "56" }],
    [302, { kind: "refused", code: "32" }],
    [410, { kind: "refused", code: "32" }],
    [429, { kind: "later", code: "20" }],
    [408, { kind: "later", code: "32" }],
    [500, { kind: "later", code: "32" }],
    [503, { kind: "later", code: "32" }],
  ])("of %i is %j", (status, verdict) => {
    expect(agentMessageVerdict(status)).toEqual(verdict);
  });

  test("of any status has a verdict, and what fails a code that is no delivery", () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 999 }), (status) => {
        const verdict = agentMessageVerdict(status);
        if (!("code" in verdict)) return;
        expect(isReceiptCode(verdict.code)).toBe(true);
        expect(isDelivered(verdict.code)).toBe(false);
      }),
    );
  });
});
