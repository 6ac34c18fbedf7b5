import type { MessageStory } from "@messaging-plus/sdk";
import { commandStatus } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const program = await startSmppProgram({ config: { carriers, senders: { shared: ["447700900001"] } } });
afterAll(program.stop);

const source_addr = "MyShop";

test("query_sm tells how a message does, and of others' nothing", async () => {
  const { credential } = await program.account();
  const esme = await program.bound(credential);
  const { message_id } = await esme.ask("submit_sm", submitOf());
  await until("its end", async () => {
    const answer = await esme.ask("query_sm", { message_id: message_id!, source_addr });
    return "message_state" in answer && answer.message_state === 2 && /^\d{15}\+$|^\d{13}00\+$/.test(answer.final_date);
  });
  const { credential: others } = await program.account();
  const other = await program.bound(others);
  const fails = { command_status: commandStatus.ESME_RQUERYFAIL };
  expect(await other.ask("query_sm", { message_id: message_id!, source_addr })).toMatchObject(fails);
  expect(await esme.ask("query_sm", { message_id: message_id!, source_addr: "Other" })).toMatchObject(fails);
  expect(await esme.ask("query_sm", { message_id: "x", source_addr })).toMatchObject(fails);
  esme.end();
  other.end();
});

test("cancel_sm cancels what is held, and nothing that was sent", async () => {
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
  const held = await esme.ask("submit_sm", submitOf({ schedule_delivery_time: "000001000000000R" }));
  const asked = { message_id: held.message_id!, source_addr };
  expect(await esme.ask("query_sm", asked)).toMatchObject({ command_status: 0, message_state: 1, final_date: "" });
  const fails = { command_status: commandStatus.ESME_RCANCELFAIL };
  expect(await esme.ask("cancel_sm", { ...asked, source_addr: "Other" })).toMatchObject(fails);
  expect(await esme.ask("cancel_sm", asked)).toMatchObject({ command: "cancel_sm_resp", command_status: 0 });
  expect((await api.request<{ batches: object[] }>("GET", "/batch")).body.batches).toEqual([]);
  expect(await esme.ask("cancel_sm", asked)).toMatchObject(fails);
  const sent = await esme.ask("submit_sm", submitOf());
  expect(await esme.ask("cancel_sm", { message_id: sent.message_id!, source_addr })).toMatchObject(fails);
  esme.end();
});

test("cancel_sm fails what waits for a carrier, once, and it is never sent", async () => {
  const { credential, api } = await program.account();
  const esme = await program.bound(credential);
  const carrier = (change: string) => program.operator.request("POST", `/carriers/simulator/${change}`);
  await carrier("pause");
  const { message_id } = await esme.ask("submit_sm", submitOf({ registered_delivery: 1 }));
  const asked = { message_id: message_id!, source_addr };
  expect(await esme.ask("query_sm", asked)).toMatchObject({ command_status: 0, message_state: 1 });
  expect(await esme.ask("cancel_sm", asked)).toMatchObject({ command: "cancel_sm_resp", command_status: 0 });
  expect(await esme.ask("query_sm", asked)).toMatchObject({ message_state: 4, error_code: 0x47 });
  expect(await esme.ask("cancel_sm", asked)).toMatchObject({ command_status: commandStatus.ESME_RCANCELFAIL });
  const receipt = await until("the receipt", () => esme.delivered[0]);
  expect(receipt.tlvs).toMatchObject({ receipted_message_id: message_id, message_state: 4 });
  expect(receipt.short_message.toString()).toContain("stat:DELETED err:047");
  await carrier("resume");
  // What comes after it is sent, and it is not.
  const next = await esme.ask("submit_sm", submitOf({ registered_delivery: 1 }));
  await until("the next one's receipt", () => esme.delivered[1]?.tlvs.receipted_message_id === next.message_id);
  const { events } = (await api.request<MessageStory>("GET", `/message/${message_id}`)).body;
  expect(events.map(({ kind }) => kind)).toEqual(["accepted", "failed", "webhook"]);
  esme.end();
});

test("what handsets write comes over the binds that inbound_url names", async () => {
  const { credential, api, path } = await program.account();
  const url = (inbound_url: string) =>
    program.organization.api.request("PUT", `${path}/webhook`, { body: { inbound_url } });
  expect((await url("smpp:others")).status).toBe(400);
  expect((await url(`smpp:${credential.system_id}`)).status).toBe(200);
  const esme = await program.bound(credential, {}, "bind_receiver");
  await api.send({ messages: [{ from: { type: "shared" }, to: "447700900911", body: "x" }] });
  const [inbound] = await until("a text", () => (esme.delivered.length > 0 ? esme.delivered : undefined));
  expect(inbound).toMatchObject({ esm_class: 0, source_addr: "447700900911", destination_addr: "447700900001" });
  expect(inbound!.short_message.toString()).toBe("Hello");
  esme.end();
});
