import { afterAll, expect, test } from "vitest";
import { Handset, type InboundBody } from "../support/handset.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const hooks = await receiver();
afterAll(hooks.close);
const [one, other] = await Promise.all([scriptedSmsc(), scriptedSmsc()]);
afterAll(() => Promise.all([one, other].map((each) => each.close())));
const uk = { national: "44", prefix: "0" };
const program = await startProgram({
  config: {
    senders: { shared: ["447700900001"] },
    carriers: [
      one.carrier({ id: "one", destinationFormat: uk, inboundNumbers: uk, alphabet: "latin1" }),
      other.carrier({ id: "other", receiptsWith: "one" }),
    ],
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const { api } = program;

test("a text in the carrier's alphabet to our number in national form comes through", async () => {
  const organization = api.as(program.organizationKey);
  const me = await organization.request<{ accounts: { identifier: string }[] }>("GET", "/account");
  const account = me.body.accounts[0]!.identifier;
  const inbound = { inbound_url: hooks.url("/national") };
  await organization.request("PUT", `/account/${account}/webhook`, { body: inbound });
  await organization.request("POST", "/sender", { body: { value: "447700900999", account } });
  const handset = new Handset(one, "07700900123");
  const text = Buffer.from("@ l'été", "latin1");
  expect(await handset.write("07700900999", "", { data_coding: 0, short_message: text })).toBe(0);
  const [received] = await hooks.waitFor("/national", 1);
  const body = JSON.parse(received!.body) as InboundBody;
  expect(body).toMatchObject({ from: 447700900123, to: "447700900999", message: "@ l'été" });
});

test("a receipt over the carrier that shares the ids is the message's", async () => {
  one.script("07700900456", { receipts: [], message_id: "shared-1" });
  const message = { from: { type: "custom", value: "MyShop" }, to: "447700900456", body: "x" };
  const [sent] = await api.send({ messages: [message] });
  await one.waitFor("07700900456");
  await other.receipt({ id: "shared-1", source_addr: "447700900456" });
  await until("its end", async () => {
    const { body } = await api.request<{ counts: { delivered: number } }>("GET", `/batch/${sent!.batchUuid}`);
    return body.counts.delivered === 1;
  });
});
