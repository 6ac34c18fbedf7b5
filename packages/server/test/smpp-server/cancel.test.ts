import type { MessageStory } from "@messaging-plus/sdk";
import { commandStatus } from "@messaging-plus/smpp";
import { afterAll, expect, test } from "vitest";
import { messageId } from "../../src/message/id.ts";
import { testDatabase } from "../support/database.ts";
import type { Esme } from "../support/esme.ts";
import { type SmppProgram, startSmppProgram, submitOf } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

// The first accepts alone, and has no messages in memory. The second holds some, which its carrier does not take.
const database = await testDatabase();
afterAll(database.close);
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }];
const door = await startSmppProgram({ database, config: { carriers, roles: ["api"] } });
afterAll(door.stop);

const source_addr = "MyShop";
const fails = { command_status: commandStatus.ESME_RCANCELFAIL };
const cancel = (esme: Esme, message_id: string) => esme.ask("cancel_sm", { message_id, source_addr });

async function story({ api }: { api: SmppProgram["api"] }, id: string) {
  return (await api.request<MessageStory>("GET", `/message/${id}`)).body;
}

test("a message that no program has in memory is cancelled, and its receipt says so", async () => {
  const account = await door.account();
  const esme = await door.bound(account.credential);
  const { message_id } = await esme.ask("submit_sm", submitOf({ registered_delivery: 1 }));
  expect(await esme.ask("cancel_sm", { message_id: message_id!, source_addr: "Other" })).toMatchObject(fails);
  expect(await cancel(esme, message_id!)).toMatchObject({ command: "cancel_sm_resp", command_status: 0 });
  expect(await cancel(esme, message_id!)).toMatchObject(fails);
  const receipt = await until("the receipt", () => esme.delivered[0]);
  expect(receipt.short_message.toString()).toContain("stat:DELETED err:047");
  expect(await story(account, message_id!)).toMatchObject({ state: "failed", code: "47" });
  esme.end();
});

test("of a batch that is held one message is cancelled, and the others stay", async () => {
  const account = await door.account();
  const esme = await door.bound(account.credential);
  const destinations = ["447700900101", "447700900102", "447700900103"];
  const held = {
    from: source_addr,
    message: "x",
    destinations,
    send_at: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const { body } = await account.api.request<{ identifier: string }>("POST", "/batch", { body: held });
  expect(await cancel(esme, messageId(body.identifier, 2))).toMatchObject({ command_status: 0 });
  expect(await cancel(esme, messageId(body.identifier, 2))).toMatchObject(fails);
  const batches = await account.api.request<{ batches: { messagecount: number }[] }>("GET", "/batch");
  expect(batches.body.batches).toMatchObject([{ messagecount: 2 }]);
  esme.end();
});

test("a message that waits in a batch's bundle, or in another program's memory, is cancelled", async () => {
  const account = await door.account();
  const esme = await door.bound(account.credential);
  // Alone, the first leaves all of a batch to be claimed.
  const destinations = Array.from({ length: 1_200 }, (_, index) => String(447700910000 + index));
  const batch = { from: source_addr, message: "x", destinations };
  const { body } = await account.api.request<{ identifier: string }>("POST", "/batch", { body: batch });
  const bundled = messageId(body.identifier, 700);
  expect(await cancel(esme, bundled)).toMatchObject({ command_status: 0 });
  expect(await cancel(esme, bundled)).toMatchObject(fails);

  await door.operator.request("POST", "/carriers/simulator/pause");
  const whole = await startSmppProgram({ database, config: { carriers } });
  const there = messageId(body.identifier, 1_000);
  const inMemory = async () => {
    const { rows } = await database.pool.query<{ count: number }>(
      "SELECT (SELECT count(*) FROM message WHERE leased_by = 0 AND next_at IS NOT NULL)::int + " +
        "(SELECT count(*) FROM message_bundle WHERE node = 0)::int AS count",
    );
    return rows[0]?.count === 0;
  };
  await until("all messages in its memory", inMemory);
  expect(await cancel(esme, there)).toMatchObject({ command_status: 0 });
  expect(await cancel(esme, there)).toMatchObject(fails);
  await door.operator.request("POST", "/carriers/simulator/resume");
  const sent = async () => {
    const { body: status } = await account.api.request<{ counts: { delivered: number; failed: number } }>(
      "GET",
      `/batch/${body.identifier}`,
    );
    return status.counts.delivered + status.counts.failed === 1_200 ? status.counts : undefined;
  };
  expect(await until("the end of all", sent)).toMatchObject({ delivered: 1_198, failed: 2 });
  for (const id of [bundled, there]) {
    const { state, code, events } = await story(account, id);
    expect({ state, code, kinds: events.map(({ kind }) => kind) }).toEqual({
      state: "failed",
      code: "47",
      kinds: ["accepted", "failed"],
    });
  }
  esme.end();
  await whole.stop();
});
