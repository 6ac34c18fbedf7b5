import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { commandOf, enginesOf } from "../support/processes.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until, within } from "../support/until.ts";

const LINUX = process.platform === "linux";
const BINDS = 3;
/** Messages of a batch: more than an engine may be behind another and still get the next. */
const EACH = 600;
const operatorKey = newKey();
const database = await testDatabase();
afterAll(database.close);
const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc(BINDS);
afterAll(() => smsc.close());

const settings = {
  operatorKey,
  engines: 2,
  callbacks: { allowPrivateAddresses: true },
  carriers: [smsc.carrier({ binds: BINDS, throughput: 3_000 })],
};
const program = await startProgram({ database, config: settings });
afterAll(program.stop);
const { api } = program;
const from = { type: "custom", value: "MyShop" } as const;

interface Carrier {
  state: string;
  why: string | null;
  binds: { up: number; of: number };
  throughput: number;
  window: number;
  counts: { submitted: number; received: number };
}

const carriersOf = async (on: Program) =>
  (await on.api.as(operatorKey).request<{ items: Carrier[] }>("GET", "/carriers")).body.items;
const allUp = (on = program, binds = BINDS) =>
  until("all binds", async () => {
    const [carrier] = await carriersOf(on);
    return carrier?.binds.up === binds && carrier;
  });

/** The process of the one further engine. */
const furtherOf = ({ child }: Program, but?: number) =>
  until("one further engine", async () => {
    const pids = await enginesOf(child.pid as number);
    return pids.length === 1 && pids[0] !== but && pids[0];
  });

/** A figure of each engine by the name of its process. */
async function counted(name: string, on = program): Promise<Record<string, number>> {
  const { text } = await on.api.request("GET", "/metrics", { key: null });
  const samples = text.split("\n").filter((line) => line.startsWith(name) && line.includes('process="engine'));
  return Object.fromEntries(
    samples.map((line) => [/process="([^"]+)"/.exec(line)?.[1], Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

let numbers = 447_700_900_000;
const next = () => String(numbers++);

/** Sends batches of more than one engine takes ahead of the other: each has some of them. */
async function toBoth(path: string): Promise<number> {
  const operator = api.as(operatorKey);
  await operator.request("POST", "/carriers/scripted/pause");
  for (let batch = 0; batch < 2; batch++) {
    const destinations = Array.from({ length: EACH }, next);
    await api.sendBatch({ from: "MyShop", message: "x", destinations, callback: hooks.url(path) });
    // A message on the way counts as long as it is not in memory.
    await until("the batch in memory", async () => {
      return (
        Object.values(await counted('mplus_buffered{kind="messages"')).filter((count) => count === EACH).length > batch
      );
    });
  }
  await operator.request("POST", "/carriers/scripted/resume");
  return 2 * EACH;
}

test("both engines send, and their binds are one carrier's, no more than it allows", async () => {
  await allUp();
  const before = smsc.submits.length;
  const count = await toBoth("/both");
  await hooks.waitFor("/both", count);
  const submits = await counted('mplus_submits_total{carrier="scripted",outcome="submitted"');
  expect(submits).toEqual({ engine: EACH, "engine-2": EACH });
  expect(smsc.submits.length - before).toBe(count);
  expect({ bound: smsc.bound, refused: smsc.refused }).toEqual({ bound: BINDS, refused: 0 });
  const [carrier, ...more] = await carriersOf(program);
  expect(more).toEqual([]);
  expect(carrier).toMatchObject({
    state: "up",
    why: null,
    binds: { up: BINDS, of: BINDS },
    throughput: 3_000,
    window: 300,
    counts: { submitted: count, received: count },
  });
});

test("a receipt counts over whichever bind it comes", async () => {
  const first = numbers;
  for (let number = first; number < first + 2 * EACH; number++) smsc.script(String(number), { receipts: [] });
  const count = await toBoth("/receipts");
  for (let number = first; number < first + count; number++) {
    await smsc.waitFor(String(number));
    expect(await smsc.receipt({ id: smsc.idOf(String(number)) }, number % BINDS)).toMatchObject({ command_status: 0 });
  }
  const told = (await hooks.waitFor("/receipts", count)).map(({ body }) => JSON.parse(body));
  expect(new Set(told.map(({ destination }) => destination)).size).toBe(count);
  expect(told.every(({ delivered }) => delivered)).toBe(true);
});

test("a message says why it waits, in whichever memory it is, and goes on when its carrier does", async () => {
  const operator = api.as(operatorKey);
  await operator.request("POST", "/carriers/scripted/pause");
  const batches: string[] = [];
  for (let batch = 0; batch < 2; batch++) {
    const destinations = Array.from({ length: EACH }, next);
    batches.push(await api.sendBatch({ from: "MyShop", message: "x", destinations, callback: hooks.url("/paused") }));
  }
  await until("both to have some", async () =>
    Object.values(await counted('mplus_buffered{kind="messages"')).every((count) => count > 0),
  );
  for (const batch of batches) {
    const { details } = await api.status(batch);
    const path = `/message/${details[0]?.messageuuid}`;
    const { body } = await api.request<{ waiting: { why: string } }>("GET", path);
    expect(body.waiting).toMatchObject({ why: "no-link" });
  }
  await operator.request("POST", "/carriers/scripted/resume");
  await hooks.waitFor("/paused", 2 * EACH);
});

test("a reload reaches all, follows a carrier that takes fewer binds, and refuses more engines than it has", async () => {
  const smsc = await scriptedSmsc(3);
  onTestFinished(() => smsc.close());
  const config = { operatorKey, engines: 2, carriers: [smsc.carrier({ binds: 2 })] };
  const running = await startProgram({ config });
  onTestFinished(running.kill);
  const reload = async (changes: object) => {
    const keys = { organizationKey: running.organizationKey, accountKey: running.api.key };
    const base = { network: "loopback", dataDir: running.folder, server: { port: 0 }, ...keys };
    writeFileSync(join(running.folder, "config.json"), JSON.stringify({ ...base, ...config, ...changes }));
    return running.api.as(operatorKey).request<{ changed: string[]; errors: unknown[] }>("POST", "/reload");
  };
  await allUp(running, 2);
  const refused = await reload({ carriers: [smsc.carrier({ binds: 1 })] });
  const message = "2 cannot share carriers[0].binds, which is enough for 1";
  expect({ status: refused.status, errors: refused.body.errors }).toEqual({
    status: 400,
    errors: [{ path: "engines", message }],
  });
  for (const engines of [1, 3, 2]) {
    const binds = Math.max(1, engines);
    const { status, body } = await reload({ engines, carriers: [smsc.carrier({ binds, sourceTon: engines })] });
    expect({ status, changed: body.changed.sort() }).toEqual({
      status: 200,
      changed: ["carriers.scripted", "engines"],
    });
    await allUp(running, binds);
    expect(Object.keys(await counted("mplus_buffered", running))).toHaveLength(engines);
    const to = Array.from({ length: 2 * engines }, next);
    for (const number of to) await running.api.send({ messages: [{ from, to: number, body: "x" }] });
    const submits = await Promise.all(to.map((number) => smsc.waitFor(number)));
    expect(submits.flat().map(({ source_addr_ton }) => source_addr_ton)).toEqual(to.map(() => engines));
  }
  expect(smsc.refused).toBe(0);
  await running.stop();
});

test("other programs on the store are told of a reload once each, not once for each engine", async () => {
  const other = await startProgram({ database, config: { ...settings, carriers: [], engines: 2 } });
  onTestFinished(other.kill);
  for (const one of [program, other]) {
    const { body } = await one.api.as(operatorKey).request<{ others: { state: string }[] }>("POST", "/reload");
    expect(body.others.map(({ state }) => state)).toEqual(["reloaded"]);
  }
  await other.stop();
});

test.runIf(LINUX)(
  "an engine that is killed is there again, with its binds, and the other goes on meanwhile",
  async () => {
    const pid = await furtherOf(program);
    process.kill(pid, "SIGKILL");
    await api.send({ messages: [{ from, to: next(), body: "x", callback: hooks.url("/killed") }] });
    await hooks.waitFor("/killed", 1);
    await furtherOf(program, pid);
    await allUp();
    expect(smsc.refused).toBe(0);
    expect(program.output().stderr).toContain("an engine died; it is started again");
  },
);

test.runIf(LINUX)("one that stands still keeps nothing from the other, which takes its messages over", async () => {
  const pid = await furtherOf(program);
  process.kill(pid, "SIGSTOP");
  onTestFinished(() => void process.kill(pid, "SIGCONT"));
  const count = 20;
  for (let sent = 0; sent < count; sent++) {
    await api.send({ messages: [{ from, to: next(), body: "x", callback: hooks.url("/still") }] });
  }
  await hooks.waitFor("/still", count);
  const live = await until("the health to tell", async () => {
    const answer = await api.request("GET", "/health/live", { key: null });
    return answer.status === 503 && answer;
  });
  expect(live.body.detail).toContain("engine-2: the event loop");
  process.kill(pid, "SIGCONT");
  await until(
    "the program to live",
    async () => (await api.request("GET", "/health/live", { key: null })).status === 200,
  );
});

test.runIf(LINUX)("one that is killed before it takes messages is started again", async () => {
  let killed: Promise<void> | undefined;
  const started = await startProgram({
    config: { engines: 2 },
    onSpawn: ({ pid }) => {
      killed = until("a further engine", async () => (await enginesOf(pid as number))[0]).then((first) => {
        process.kill(first, "SIGKILL");
      });
    },
  });
  onTestFinished(started.kill);
  await killed;
  expect(started.output().stderr).toContain("an engine died before it took messages; it is started again");
  await started.stop();
});

test("a stop ends what each has in memory, unbinds, and leaves no node behind", async () => {
  const smsc = await scriptedSmsc(2);
  onTestFinished(() => smsc.close());
  const database = await testDatabase();
  onTestFinished(database.close);
  const stopping = await startProgram({
    database,
    config: { operatorKey, engines: 2, carriers: [smsc.carrier({ binds: 2 })] },
  });
  onTestFinished(stopping.kill);
  await allUp(stopping, 2);
  const answer = gate();
  const to = Array.from({ length: 4 }, next);
  for (const number of to) {
    smsc.script(number, { when: answer.opened, receipts: [] });
    await stopping.api.send({ messages: [{ from, to: number, body: "x" }] });
    await smsc.waitFor(number);
  }
  const stopped = stopping.stop();
  answer.open();
  await within("the program to stop", stopped);
  const nodes = await database.pool.query("SELECT FROM node");
  const submitted = await database.pool.query("SELECT FROM message WHERE state = 1 AND carrier_message_id IS NOT NULL");
  expect({ nodes: nodes.rowCount, submitted: submitted.rowCount, bound: smsc.bound }).toEqual({
    nodes: 0,
    submitted: to.length,
    bound: 0,
  });
});

test.runIf(LINUX)("no engine outlives the main process", async () => {
  const killed = await startProgram({ config: { engines: 3 } });
  const pids = await enginesOf(killed.child.pid as number);
  expect(pids).toHaveLength(2);
  killed.kill();
  await once(killed.child, "close");
  for (const pid of pids) await until("its end", async () => !(await commandOf(pid)).includes("engine-process"));
});
