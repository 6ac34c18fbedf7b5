import { afterAll, expect, test } from "vitest";
import { lateStates } from "../support/late.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";

const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const program = await startProgram({
  config: {
    carriers: [smsc.carrier()],
    messages: { validity: 1, receiptMargin: 0.5 },
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);

test("a receipt that never comes is given up after the validity and its margin, and one that comes after is kept", async () => {
  const cases = {
    "447700900301": { receipts: [], extra: {}, code: "5D" },
    "447700900302": { receipts: [], extra: { validity: 2 }, code: "5D" },
    "447700900303": { receipts: [{ stat: "ENROUTE" }], extra: {}, code: "5D" },
    // The carrier's word that it does not know is better than none.
    "447700900304": { receipts: [{ stat: "UNKNOWN" }], extra: {}, code: "30" },
    "447700900305": { receipts: [{ stat: "UNKNOWN" }], extra: { validity: 2 }, code: "30" },
    "447700900306": { receipts: [], extra: { validity: 600 }, code: null },
  };
  const messages = Object.entries(cases).map(([to, { receipts, extra }]) => {
    smsc.script(to, { receipts });
    return { from: { type: "custom", value: "MyShop" }, to, body: "x", callback: hooks.url(`/${to}`), ...extra };
  });
  const sent = await program.api.send({ messages });
  for (const [to, { code }] of Object.entries(cases)) {
    if (code === null) continue;
    const [hook] = await hooks.waitFor(`/${to}`, 1);
    expect({ to, told: JSON.parse(hook?.body as string) }).toMatchObject({
      to,
      told: { delivered: false, receiptInfo: { code } },
    });
  }
  // What has time left is waited for.
  expect(await program.api.status(sent[5]!.batchUuid, "")).toEqual({ counts: { total: 1, delivered: 0, failed: 0 } });
  expect((await smsc.receipt({ id: smsc.idOf("447700900306") })).command_status).toBe(0);
  const [late] = await hooks.waitFor("/447700900306", 1);
  expect(JSON.parse(late?.body as string)).toMatchObject({ delivered: true });
  // A receipt after all changes nothing any more.
  expect((await smsc.receipt({ id: smsc.idOf("447700900301") })).command_status).toBe(0);
  expect((await program.api.status(sent[0]!.batchUuid, "")).counts).toEqual({ total: 1, delivered: 0, failed: 1 });
  expect(await lateStates(program.database.pool, sent[0]!.messageUuid)).toEqual(["delivered"]);
  expect(hooks.received("/447700900301")).toHaveLength(1);
});
