import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const database = await testDatabase();
afterAll(database.close);
const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const keys = { organizationKey: newKey(), accountKey: newKey() };

function start(...roles: string[]) {
  const carriers = [smsc.carrier()];
  return startProgram({ database, config: { ...keys, roles, carriers, callbacks: { allowPrivateAddresses: true } } });
}

const [api, carrier, webhooks] = await Promise.all([start("api"), start("carrier"), start("webhooks")]);
afterAll(() => Promise.all([api, carrier, webhooks].map((program) => program.stop())));

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };

test("one program accepts, another sends, a third tells", async () => {
  const messages = Array.from({ length: 200 }, () => ({ ...message, callback: hooks.url("/roles") }));
  const sent = await api.api.send({ messages });
  const told = (await hooks.waitFor("/roles", 200)).map(({ body }) => JSON.parse(body).messageuuid);
  expect(told.sort()).toEqual(sent.map(({ messageUuid }) => messageUuid).sort());
  const batch = await api.api.sendBatch({
    from: "MyShop",
    message: "x",
    destinations: ["447700900123", "447700900124"],
  });
  await until("the batch to be final", async () => (await api.api.status(batch, "")).counts.delivered === 2);
  expect(binds()).toEqual({ api: false, carrier: true, webhooks: false });
});

test("each is alive, ready and measured, and only the first takes messages", async () => {
  for (const program of [api, carrier, webhooks]) {
    for (const path of ["/health/live", "/health/ready", "/metrics"]) {
      expect((await program.api.request("GET", path, { key: null })).status).toBe(200);
    }
  }
  for (const program of [carrier, webhooks]) {
    const refused = await program.api.request("POST", "/message", { body: { messages: [message] } });
    expect({ status: refused.status, type: refused.body.type }).toEqual({
      status: 404,
      type: "/docs#problem-not-found",
    });
  }
});

/** Which of the programs have bound to the carrier. */
function binds(): Record<string, boolean> {
  const programs = Object.entries({ api, carrier, webhooks });
  return Object.fromEntries(programs.map(([name, { output }]) => [name, output().stderr.includes('"msg":"bound"')]));
}
