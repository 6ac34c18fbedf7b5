import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { DELIVERED } from "../../src/message/lifecycle.ts";
import { receiptBody } from "../../src/message/webhook.ts";
import { secretKey } from "../../src/message/webhook-secret.ts";
import { FAULTS } from "../../src/network/fault.ts";
import { webhookHeaders } from "../../src/notify/client/headers.ts";
import { FAILING_AFTER, FIRST_SHARE } from "../../src/notify/fairness/endpoint-share.ts";

const page = readFileSync(new URL("../../../../docs/webhooks.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) =>
    line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.replace(/^`(.*)`$/, "$1")),
  );

describe("the page on webhooks", () => {
  const secrets = [...page.matchAll(/`(whsec_[A-Za-z0-9+/]{43}=)`/g)].map(([, text]) => text!);
  const timestamp = Number(/Timestamp: `(\d+)`/.exec(page)?.[1]);
  const vectors = rows.filter(([id]) => /^[0-9a-f-]{36}$/.test(id!));

  test.each(vectors)("has a vector for %s with secrets %s that holds", (id, which, body, signature) => {
    const texts = which!.split(" ").map((number) => secrets[Number(number) - 1]!);
    const signing = { keys: texts.map(secretKey), now: timestamp * 1_000, environment: "production" };
    const kind = body!.includes("mo_uuid") ? "inbound" : "receipt";
    const headers = webhookHeaders({ id: id!, kind }, body!, signing);
    expect(headers["webhook-signature"]).toBe(signature);
    const signed = texts.map((text) => new Webhook(text).sign(id!, new Date(timestamp * 1_000), body!));
    expect(signed.join(" ")).toBe(signature);
    if (kind === "inbound") expect(page).toContain(`\`signature: ${headers.signature}\``);
  });

  test("has vectors for each kind", () => {
    expect(vectors).toHaveLength(4);
    expect(secrets).toHaveLength(2);
  });

  test("shows a receipt as it is sent", () => {
    const id = "01900000-0000-7000-8000-000000000001";
    const message = {
      destination: "447700900123",
      state: DELIVERED,
      code: 0,
      givenId: null,
      batchId: null,
      batchGivenId: null,
    };
    expect(page).toContain(`\`\`\`json\n${receiptBody(id, message)}\n\`\`\``);
  });

  test("has every fault with its sentence", () => {
    const faults = rows.filter(([name]) => Object.hasOwn(FAULTS, name!));
    expect(Object.fromEntries(faults)).toEqual(FAULTS);
  });

  test("has the figures of fairness", () => {
    expect(page).toContain(`An endpoint begins with ${FIRST_SHARE} requests at a time`);
    expect(page).toContain(`After ${FAILING_AFTER} different webhooks in a row`);
  });
});
