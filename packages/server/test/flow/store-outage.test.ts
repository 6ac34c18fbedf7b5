import { afterAll, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import { testDatabase } from "../support/database.ts";
import { databaseProxy } from "../support/database-proxy.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until } from "../support/until.ts";

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
  config: { carriers: [smsc.carrier()], callbacks: { allowPrivateAddresses: true } },
});
afterAll(program.stop);
const { api } = program;

const lines = () =>
  program
    .output()
    .stderr.split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { process: string; msg: string; err?: object });
const told = (name: string) =>
  lines().filter(({ process, msg }) => process === name && /the store is out of/.test(msg));

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };

test("while the store is out of reach nothing is accepted and nothing lost, and everything goes on after", async () => {
  // One message waits for its receipt, one for its submit's answer, and one for its webhook's.
  smsc.script("447700900401", { receipts: [] });
  const submitAnswer = gate();
  smsc.script("447700900402", { when: submitAnswer.opened });
  const messages = ["447700900401", "447700900402"].map((to) => ({ ...message, to, callback: hooks.url(`/${to}`) }));
  const sent = await api.send({ messages });
  await smsc.waitFor("447700900401");
  await smsc.waitFor("447700900402");
  await until("the submit to be recorded", async () => {
    const { rows } = await database.pool.query("SELECT FROM message WHERE id = $1 AND state = 1", [
      sent[0]!.messageUuid,
    ]);
    return rows.length === 1;
  });

  await proxy.cut();
  const refused = await until("the loss to be noticed", async () => {
    const answer = await api.request("POST", "/message", { body: { messages: [message] } });
    return answer.status !== 200 && answer;
  });
  const unavailable = { status: 503, body: { type: "/docs#problem-store-unavailable", status: 503 } };
  expect(refused).toMatchObject(unavailable);
  for (const [method, path, body] of [
    ["GET", "/health/ready", undefined],
    ["GET", `/batch/${sent[0]!.batchUuid}?details=true`, undefined],
    ["POST", "/batch", { from: "MyShop", message: "x", destinations: ["447700900123"] }],
    ["POST", "/message", { messages: [{ ...message, id: "22222222-2222-4222-8222-222222222222" }] }],
  ] as const) {
    const answer = await api.request(method, path, { body });
    expect(answer).toMatchObject(unavailable);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  }
  expect((await api.request("GET", "/health/live")).status).toBe(200);
  expect((await api.request("GET", "/dr-responses", { key: null })).status).toBe(200);

  let acknowledged = false;
  const receipt = smsc.receipt({ id: smsc.idOf("447700900401") }).then(({ command_status }) => {
    acknowledged = true;
    return command_status;
  });
  submitAnswer.open();
  // The program has heard both, and waits for its store.
  await until("the program to try again", () => ["engine", "api-1"].every((name) => told(name).length > 0));
  expect(acknowledged).toBe(false);

  await proxy.restore();
  expect(await receipt).toBe(0);
  for (const to of ["447700900401", "447700900402"]) {
    const [hook] = await hooks.waitFor(`/${to}`, 1);
    expect(JSON.parse(hook?.body as string)).toMatchObject({ destination: `+${to}`, delivered: true });
  }
  expect(smsc.to("447700900402")).toHaveLength(1);
  await until("readiness", async () => (await api.request("GET", "/health/ready")).status === 200);
  const [after] = await api.send({ messages: [{ ...message, callback: hooks.url("/after") }] });
  expect(JSON.parse((await hooks.waitFor("/after", 1))[0]!.body).messageuuid).toBe(after?.messageUuid);
  // What was refused was not stored.
  const { rows } = await database.pool.query(`SELECT count(*)::int AS count FROM ${ACCEPTED}`);
  expect(rows).toEqual([{ count: 3 }]);

  // Everything that uses the store has met it, and each process tells of it once.
  for (const name of ["engine", "api-1"]) {
    await until("its end to be told", () => told(name).some(({ msg }) => msg.startsWith("over: ")));
    expect(told(name).filter(({ msg }) => msg.startsWith("the store") && !msg.endsWith("still"))).toHaveLength(1);
  }
  expect(lines().filter(({ err }) => err !== undefined)).toEqual([]);
});
