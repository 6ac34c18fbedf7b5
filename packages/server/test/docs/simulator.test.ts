import { afterAll, expect, test } from "vitest";
import { simulatedOutcome } from "../../src/carriers/simulator/outcomes.ts";
import { RECEIPT_CODES } from "../../src/message/receipt-codes.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { page, rowsOf } from "./page.ts";

/** docs/simulator.md: the rows whose message is final within a test's time, and what they say of its end. */
const rows = rowsOf(page("docs/simulator.md"));
const codes = rows.filter((row) => row.length === 4).map(([number, end, code]) => ({ number, end, code }));
const special = rows
  .filter((row) => row.length === 3)
  .map(([number, , outcome]) => {
    const [, end, code] = /^(delivered|failed), (\w+)/.exec(outcome!)!;
    return { number, end, code };
  });
const slow = ["447700900901", "447700900903"];
const settled = [...special.filter(({ number }) => !slow.includes(number!)), ...codes];

const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({
  config: { carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }] },
});
afterAll(program.stop);

test("there is a number for each receipt code", () => {
  expect(codes.map(({ code }) => code)).toEqual(RECEIPT_CODES.map(({ code }) => code));
});

test("no receipt comes for the one, and after three hours for the other", () => {
  expect(simulatedOutcome(slow[0]!)).toEqual({ kind: "no_receipt" });
  expect(simulatedOutcome(slow[1]!)).toEqual({ kind: "receipt", code: "00", afterSeconds: 3 * 3_600 });
});

test("every other number of the page ends as the page says, with one webhook", async () => {
  const from = { type: "custom", value: "MyShop" };
  const messages = settled.map(({ number }) => ({ to: number, body: "x", from, callback: hooks.url(`/${number}`) }));
  const sent = await program.api.send({ messages });
  const ends = await Promise.all(
    sent.map(({ to, batchUuid }) =>
      until(`an end for ${to}`, async () => {
        const { details } = await program.api.status(batchUuid);
        const { delivered, failed, info } = details[0]!;
        return info !== null && { number: to, end: delivered ? "delivered" : failed && "failed", code: info.code };
      }),
    ),
  );
  expect(ends).toEqual(settled);
  for (const { number, end, code } of settled) {
    const [webhook] = await hooks.waitFor(`/${number}`, 1);
    expect(JSON.parse(webhook!.body)).toMatchObject({ delivered: end === "delivered", receiptInfo: { code } });
  }
  // The webhook of a message that was sent when the others had ended: a second receipt of theirs came before.
  await program.api.send({ messages: [{ to: "447700900123", body: "x", from, callback: hooks.url("/later") }] });
  await hooks.waitFor("/later", 1);
  for (const { number } of settled) expect(hooks.received(`/${number}`)).toHaveLength(1);
});
