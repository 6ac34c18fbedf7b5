import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { tlsReason } from "../../src/network/fault.ts";
import { createExchanger, type Exchanger } from "../../src/notify/client/exchange.ts";
import { posted } from "./posted.ts";
import { LOOPBACK, RECEIVERS, type Receiver, TIMEOUT_MS } from "./receivers.ts";

/** The rows of the page's tables: receiver, result, and status or fault. */
const rows = readFileSync(new URL("../../../../docs/webhooks-receivers.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => /^\| .* \| (delivered|failed) \| /.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, name, result, outcome]) => ({ name: name!, result: result!, outcome: outcome! }));

let receiver: Receiver | undefined;
let exchanger: Exchanger | undefined;

afterEach(async () => {
  await receiver?.close();
  await exchanger?.close();
});

describe("a webhook to a receiver whose behaviour is", () => {
  test.each(rows)("$name: $result, $outcome", async ({ name, result, outcome }) => {
    receiver = await RECEIVERS[name]!();
    const options = { policy: LOOPBACK, timeoutMs: TIMEOUT_MS, connections: 4, ...receiver.options };
    exchanger = createExchanger(options);
    const { url } = receiver;
    const attempt = await posted(exchanger, { url, origin: new URL(url).origin, headers: {}, body: "{}" });
    expect(attempt.result).toBe(result);
    expect(String(attempt.status ?? attempt.fault)).toBe(outcome);
    expect(attempt.status === null).toBe(attempt.fault !== null);
    expect(Buffer.byteLength(attempt.answer ?? "", "latin1")).toBeLessThanOrEqual(1_024);
  });
});

test.each([
  ["certificate of nobody's", "unknown_issuer"],
  ["certificate without its intermediate", "incomplete_chain"],
  ["certificate expired", "expired"],
  ["certificate for another name", "other_name"],
  ["wants a client certificate", "certificate_wanted"],
  ["HTTP on the TLS port", null],
])("TLS that fails by %s has the reason %s", async (name, reason) => {
  receiver = await RECEIVERS[name]!();
  const { url, options } = receiver;
  exchanger = createExchanger({ policy: LOOPBACK, timeoutMs: TIMEOUT_MS, connections: 4, ...options });
  const { fault, detail } = await posted(exchanger, { url, origin: new URL(url).origin, headers: {}, body: "{}" });
  expect(fault).toBe("tls");
  expect(tlsReason(detail)).toBe(reason);
});

test("every behaviour has its row on the page", () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(RECEIVERS).sort());
});
