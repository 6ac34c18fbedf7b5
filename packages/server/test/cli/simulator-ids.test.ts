import { SmppClient } from "@messaging-plus/smpp";
import { expect, onTestFinished, test } from "vitest";
import { SimulatedSmsc } from "../../src/carriers/simulator/smsc.ts";

const SUBMITS = 500;

/** The ids of submits that a simulator of its own answers. */
async function ids(): Promise<string[]> {
  const smsc = new SimulatedSmsc({ receiptDelayMs: 1 });
  const client = new SmppClient({ host: "127.0.0.1", port: await smsc.listen(0), system_id: "one", password: "" });
  onTestFinished(async () => {
    await client.close({ timeoutMs: 1_000 });
    await smsc.close(1_000);
  });
  const bound = new Promise((resolve) => client.once("bound", resolve));
  client.start();
  await bound;
  const fields = { source_addr: "Shop", destination_addr: "447700900123", short_message: Buffer.from("x") };
  const answers: string[] = [];
  while (answers.length < SUBMITS) answers.push((await client.submit(fields)).message_id ?? "");
  return answers;
}

// Engines and programs on one store have a simulator each, and match receipts by these.
test("simulators that answer in the same moment give no id twice", async () => {
  const all = (await Promise.all([ids(), ids()])).flat();
  expect(new Set(all).size).toBe(2 * SUBMITS);
});
