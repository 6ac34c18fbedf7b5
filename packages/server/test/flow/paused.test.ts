import { afterAll, expect, test } from "vitest";
import { command } from "../support/command.ts";
import { newKey, startProgram } from "../support/program.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

const [one, two] = await Promise.all([scriptedSmsc(), scriptedSmsc()]);
afterAll(() => Promise.all([one, two].map((smsc) => smsc.close())));
const operatorKey = newKey();
const config = {
  operatorKey,
  carriers: [one.carrier({ id: "one" }), two.carrier({ id: "two" })],
  routes: [
    { to: "44", carriers: ["one", "two"] },
    { to: "33", carriers: ["one"] },
  ],
};
const first = await startProgram({ config });
const second = await startProgram({ config, database: first.database });
afterAll(first.stop);
const from = { type: "custom", value: "MyShop" } as const;

const paused = async (program = first) =>
  (
    await program.api.as(operatorKey).request<{ items: { id: string; paused: boolean }[] }>("GET", "/carriers")
  ).body.items
    .filter((carrier) => carrier.paused)
    .map(({ id }) => id);
const post = (path: string) => first.api.as(operatorKey).request("POST", path);

test("a paused carrier takes nothing, in any program and after a start, and its receipts count", async () => {
  one.script("447700900001", { receipts: [], message_id: "before-1" });
  const [sent] = await first.api.send({ messages: [{ from, to: "447700900001", body: "x" }] });
  await one.waitFor("447700900001");
  expect(await post("/carriers/one/pause")).toMatchObject({ status: 200, body: { id: "one", paused: true } });
  expect(await paused()).toEqual(["one"]);
  await until("the other program", async () => (await paused(second)).includes("one"));
  for (const [program, to] of [
    [first, "447700900002"],
    [second, "447700900003"],
  ] as const) {
    await program.api.send({ messages: [{ from, to, body: "x" }] });
    await two.waitFor(to);
    expect(one.to(to)).toEqual([]);
  }
  await one.receipt({ id: "before-1" });
  await until("its end", async () => (await first.api.status(sent!.batchUuid)).counts.delivered === 1);
  await second.stop();
  const third = await startProgram({ config, database: first.database });
  expect(await paused(third)).toEqual(["one"]);
  const [waits] = await first.api.send({ messages: [{ from, to: "33612345678", body: "x" }] });
  const story = await first.api.request("GET", `/message/${waits!.messageUuid}`);
  expect(story.body).toMatchObject({ state: "accepted", waiting: { why: "no-link" } });
  const route = await third.api.as(operatorKey).request("GET", "/route?to=+33612345678");
  expect(route.body).toMatchObject({ route: { index: 1 }, next: null, carriers: [{ id: "one", paused: true }] });
  await third.stop();
  expect(one.to("33612345678")).toEqual([]);
  expect(await post("/carriers/one/resume")).toMatchObject({ status: 200, body: { id: "one", paused: false } });
  await one.waitFor("33612345678");
});

test("the command does it, too, and lists; a carrier that is none is unknown", async () => {
  const options = ["--url", first.url, "--key", operatorKey];
  expect((await command(["carrier", "pause", "two", ...options])).stdout).toBe("two takes nothing\n");
  expect(await paused()).toEqual(["two"]);
  expect((await command(["carrier", "list", ...options])).stdout).toMatch(
    /^one +smpp +up +binds 1\/1\ntwo +smpp +up +binds 1\/1 {2}paused\n$/,
  );
  expect((await command(["carrier", "resume", "two", ...options])).stdout).toBe("two takes messages again\n");
  expect((await post("/carriers/none/pause")).status).toBe(404);
});

test("the route of a message is told with its reason, by the command, too", async () => {
  const options = ["--url", first.url, "--key", operatorKey];
  const told = await command(["route", "+447700900123", ...options]);
  expect(told.stdout).toBe(
    'one                   up\ntwo                   up\n"44" is the longest prefix that fits. "one" is the first of its carriers that takes messages.\n',
  );
  const nowhere = await first.api.as(operatorKey).request("GET", "/route?to=4915112345678");
  expect(nowhere.body).toMatchObject({ route: null, carriers: [], next: null });
  const wrong = await first.api
    .as(operatorKey)
    .request<{ errors: { path: string }[] }>("GET", "/route?to=1&account=x&channel=fax");
  expect({ status: wrong.status, paths: wrong.body.errors.map(({ path }) => path) }).toEqual({
    status: 400,
    paths: ["?to", "?account", "?channel"],
  });
});
