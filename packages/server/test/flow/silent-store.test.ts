import { once } from "node:events";
import { afterAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { databaseProxy } from "../support/database-proxy.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until, within } from "../support/until.ts";

const database = await testDatabase();
afterAll(database.close);
const proxy = await databaseProxy(database);
afterAll(proxy.close);
const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const program = await startProgram({
  database: proxy.database,
  config: {
    carriers: [smsc.carrier({ responseTimeout: 60 })],
    callbacks: { allowPrivateAddresses: true, retryDelays: [0.1, 0.1] },
  },
});
afterAll(program.stop);
afterAll(proxy.speak);
const { api } = program;

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
const unavailable = { status: 503, body: { type: "/docs#problem-store-unavailable" } };

beforeEach(async () => {
  await until("readiness", async () => (await api.request("GET", "/health/ready")).status === 200);
});

test("while the store says nothing requests are refused, nothing is acknowledged, and everything goes on after", async () => {
  smsc.script("447700900411", { receipts: [] });
  const submitAnswer = gate();
  smsc.script("447700900412", { when: submitAnswer.opened });
  const messages = ["447700900411", "447700900412"].map((to) => ({ ...message, to, callback: hooks.url(`/${to}`) }));
  const sent = await api.send({ messages });
  await smsc.waitFor("447700900411");
  await smsc.waitFor("447700900412");
  await until("the submit to be recorded", async () => {
    const { rows } = await database.pool.query("SELECT FROM message WHERE id = $1 AND state = 1", [
      sent[0]!.messageUuid,
    ]);
    return rows.length === 1;
  });

  proxy.hush();
  // What is under way when the silence begins, and what comes while it lasts.
  const post = () => api.request("POST", "/message", { body: { messages: [message] } });
  const caught = await Promise.all([post(), post(), api.request("GET", `/batch/${sent[0]!.batchUuid}`)]);
  for (const answer of [...caught, await post(), await api.request("GET", "/health/ready")]) {
    expect(answer).toMatchObject(unavailable);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  }
  expect((await api.request("GET", "/health/live")).status).toBe(200);
  let acknowledged = false;
  const receipt = smsc.receipt({ id: smsc.idOf("447700900411") }).then(({ command_status }) => {
    acknowledged = true;
    return command_status;
  });
  submitAnswer.open();
  await until("both receipts to be read", async () => {
    const { text } = await api.request("GET", "/metrics", { key: null });
    return /^mplus_receipts_total\{[^}]*\} 2$/m.test(text);
  });
  expect(acknowledged).toBe(false);
  expect([hooks.received("/447700900411"), hooks.received("/447700900412")]).toEqual([[], []]);

  proxy.speak();
  expect(await receipt).toBe(0);
  for (const to of ["447700900411", "447700900412"]) {
    const [first] = await hooks.waitFor(`/${to}`, 1);
    expect(JSON.parse(first?.body as string)).toMatchObject({ destination: `+${to}`, delivered: true });
    expect(smsc.to(to)).toHaveLength(1);
  }
  await until("requests to be taken", async () => (await post()).status === 200);
});

test("a store that answers late is waited for", async () => {
  proxy.delay(150);
  const [sent] = await api.send({ messages: [{ ...message, callback: hooks.url("/late") }] });
  expect(JSON.parse((await hooks.waitFor("/late", 1))[0]!.body).messageuuid).toBe(sent?.messageUuid);
  proxy.delay(0);
});

test("stopped while its store says nothing a program ends all the same, and says that it was not in order", async () => {
  const stopping = await startProgram({ database: proxy.database });
  onTestFinished(stopping.kill);
  proxy.hush();
  const end = once(stopping.child, "exit");
  stopping.child.kill("SIGTERM");
  expect(await within("the program to end", end)).toEqual([1, null]);
  proxy.speak();
});
