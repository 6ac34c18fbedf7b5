import { afterAll, expect, test } from "vitest";
import type { InboundBody } from "../support/handset.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";

const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({
  config: {
    senders: { shared: ["447700900001"] },
    carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }],
  },
});
afterAll(program.stop);
const { api } = program;
const organization = api.as(program.organizationKey);
const { body } = await organization.request<{ accounts: { identifier: string }[] }>("GET", "/account");
await organization.request("PUT", `/account/${body.accounts[0]?.identifier}/webhook`, {
  body: { inbound_url: hooks.url("/inbound") },
});

let told = 0;

test.each([
  ["447700900911", "Hello"],
  ["447700900914", "Grüße 👋"],
  ["447700900915", "This answer is longer than one message. ".repeat(9).trim()],
  ["447700900912", "STOP"],
  ["447700900913", "START"],
])("%s answers", async (to, answer) => {
  // In two parts: it is answered once.
  const [sent] = await api.send({ messages: [{ from: { type: "shared" }, to, body: "Hello? ".repeat(40) }] });
  const all = (await hooks.waitFor("/inbound", ++told)).map((hook) => JSON.parse(hook.body) as InboundBody);
  const { messageUuid: message_uuid, batchUuid: batch_uuid } = sent!;
  const expected = { message: answer, from: Number(to), to: "447700900001", message_uuid, batch_uuid };
  expect(all).toHaveLength(told);
  expect(all.at(-1)).toMatchObject(expected);
});

test("a name is not answered", async () => {
  await api.send({ messages: [{ from: { type: "custom", value: "MyShop" }, to: "447700900911", body: "x" }] });
  await api.send({ messages: [{ from: { type: "shared" }, to: "447700900911", body: "x" }] });
  expect(await hooks.waitFor("/inbound", ++told)).toHaveLength(told);
});
