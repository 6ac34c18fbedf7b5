import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { commandOf, enginesOf } from "../support/processes.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { goOnWith, reload, rewrite } from "../support/rewrite.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until, within } from "../support/until.ts";

const LINUX = process.platform === "linux";
const BINDS = 3;
/** On a machine that is busy with other tests a process takes long to start. */
const START_MS = 240_000;
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

const operator = api.as(operatorKey);
const carriersNow = async () => (await operator.request<{ items: Carrier[] }>("GET", "/carriers")).body.items;
const allUp = (binds = BINDS) =>
  until("all binds", async () => {
    const [carrier] = await carriersNow();
    return carrier?.binds.up === binds && carrier;
  });

/** The process of the one further engine. */
const furtherOf = ({ child }: Program, but?: number) =>
  until("one further engine", async () => {
    const pids = await enginesOf(child.pid as number);
    return pids.length === 1 && pids[0] !== but && pids[0];
  });

/** A figure of each engine by the name of its process. */
async function counted(name: string): Promise<Record<string, number>> {
  const { text } = await api.request("GET", "/metrics", { key: null });
  const samples = text.split("\n").filter((line) => line.startsWith(name) && line.includes('process="engine'));
  return Object.fromEntries(
    samples.map((line) => [/process="([^"]+)"/.exec(line)?.[1], Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

let numbers = 447_700_900_000;
const next = () => String(numbers++);

describe("two batches, of which each engine has one", () => {
  /** Of so many messages one has its receipt over a bind that the test chooses. */
  const BY_HAND = 30;
  const numbersOf = Array.from({ length: 2 }, () => Array.from({ length: EACH }, next));
  const batches: string[] = [];
  const whys: (string | undefined)[] = [];
  const answers: number[] = [];

  beforeAll(async () => {
    await allUp();
    const byHand = numbersOf.flat().filter((_, index) => index % BY_HAND === 0);
    for (const number of byHand) smsc.script(number, { receipts: [] });
    await operator.request("POST", "/carriers/scripted/pause");
    for (const destinations of numbersOf) {
      batches.push(await api.sendBatch({ from: "MyShop", message: "x", destinations }));
      // A message on the way counts as long as it is not in memory.
      await until("the batch in memory", async () => {
        const buffered = Object.values(await counted('mplus_buffered{kind="messages"'));
        return buffered.filter((count) => count === EACH).length === batches.length;
      });
    }
    for (const batch of batches) {
      const { details } = await api.status(batch);
      const path = `/message/${details[0]?.messageuuid}`;
      const { body } = await api.request<{ waiting: { why: string } | null }>("GET", path);
      whys.push(body.waiting?.why);
    }
    await operator.request("POST", "/carriers/scripted/resume");
    for (const [index, number] of byHand.entries()) {
      await smsc.waitFor(number);
      answers.push((await smsc.receipt({ id: smsc.idOf(number) }, index % BINDS)).command_status);
    }
  });

  test("are sent by both, and their binds are one carrier's, no more than it allows", async () => {
    for (const batch of batches) {
      await until("its end", async () => (await api.status(batch, "")).counts.delivered === EACH);
    }
    const submits = await counted('mplus_submits_total{carrier="scripted",outcome="submitted"');
    expect(submits).toEqual({ engine: EACH, "engine-2": EACH });
    expect(smsc.submits).toHaveLength(2 * EACH);
    expect({ bound: smsc.bound, refused: smsc.refused }).toEqual({ bound: BINDS, refused: 0 });
    const [carrier, ...more] = await carriersNow();
    expect(more).toEqual([]);
    expect(carrier).toMatchObject({
      state: "up",
      why: null,
      binds: { up: BINDS, of: BINDS },
      throughput: 3_000,
      window: 300,
      counts: { submitted: 2 * EACH, received: 2 * EACH },
    });
  });

  test("have receipts that count over whichever bind they come", async () => {
    expect(answers).toEqual(Array(2 * (EACH / BY_HAND)).fill(0));
    for (const batch of batches) {
      const { details } = await until("its end", async () => {
        const status = await api.status(batch);
        return status.counts.delivered === EACH && status;
      });
      expect(details.every(({ delivered }) => delivered)).toBe(true);
    }
  });

  test("say why they wait, in whichever memory they are, and go on when their carrier does", async () => {
    expect(whys).toEqual(["no-link", "no-link"]);
    for (const number of numbersOf.flatMap(([first]) => first as string)) await smsc.waitFor(number);
  });
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

test("a reload reaches all, follows a carrier that takes fewer binds, and refuses more engines than it has", {
  timeout: START_MS,
}, async () => {
  await allUp();
  rewrite(program, { ...settings, carriers: [smsc.carrier({ binds: 1 })] });
  const refused = await reload(program, operatorKey);
  const message = "2 cannot share carriers[0].binds, which is enough for 1";
  expect({ status: refused.status, errors: refused.body.errors }).toEqual({
    status: 400,
    errors: [{ path: "engines", message }],
  });
  for (const engines of [1, 3, 2]) {
    const carriers = [smsc.carrier({ binds: engines, sourceTon: engines })];
    const { changed } = await goOnWith(program, { ...settings, engines, carriers });
    expect(changed.sort()).toEqual(["carriers.scripted", "engines"]);
    await allUp(engines);
    expect(Object.keys(await counted("mplus_buffered"))).toHaveLength(engines);
    const to = Array.from({ length: 2 * engines }, next);
    for (const number of to) await api.send({ messages: [{ from, to: number, body: "x" }] });
    const submits = await Promise.all(to.map((number) => smsc.waitFor(number)));
    expect(submits.flat().map(({ source_addr_ton }) => source_addr_ton)).toEqual(to.map(() => engines));
  }
  expect((await goOnWith(program, settings)).changed).toEqual(["carriers.scripted"]);
  await allUp();
  expect(smsc.refused).toBe(0);
});

describe("another program on the store", () => {
  let other: Program;
  let killed: Promise<void> | undefined;
  beforeAll(async () => {
    other = await startProgram({
      database,
      // It sends nothing, so that all messages are the first's.
      config: { operatorKey, engines: 3, roles: ["api", "webhooks"] },
      onSpawn: ({ pid }) => {
        if (!LINUX) return;
        const further = async () => (await enginesOf(pid as number))[0];
        killed = until("a further engine", further, undefined, START_MS).then((first) => {
          process.kill(first, "SIGKILL");
        });
      },
    });
  });
  afterAll(async () => {
    if (other.child.exitCode === null && other.child.signalCode === null) await other.stop();
  });

  test("is told of a reload once, not once for each of its engines", async () => {
    for (const one of [program, other]) {
      const { body } = await reload(one, operatorKey);
      expect(body.others.map(({ state }) => state)).toEqual(["reloaded"]);
    }
  });

  test.runIf(LINUX)("has an engine that was killed before it took messages started again", async () => {
    await killed;
    expect(other.output().stderr).toContain("an engine died before it took messages; it is started again");
  });

  // The last of these: it ends the program.
  test.runIf(LINUX)("leaves no engine behind when its main process is killed", async () => {
    const pids = await enginesOf(other.child.pid as number);
    expect(pids).toHaveLength(2);
    other.kill();
    await once(other.child, "close");
    for (const pid of pids) await until("its end", async () => !(await commandOf(pid)).includes("engine-process"));
  });
});

// The last: it ends the program.
test("a stop ends what each has in memory, unbinds, and leaves no node behind", async () => {
  await allUp();
  const pids = [program.child.pid as number, ...(await enginesOf(program.child.pid as number))];
  const nodes = async () => (await database.pool.query("SELECT FROM node WHERE pid = ANY ($1)", [pids])).rowCount;
  expect(await nodes()).toBeGreaterThan(0);
  const answer = gate();
  const to = Array.from({ length: 4 }, next);
  for (const number of to) {
    smsc.script(number, { when: answer.opened, receipts: [] });
    await api.send({ messages: [{ from, to: number, body: "x" }] });
    await smsc.waitFor(number);
  }
  const stopped = program.stop();
  answer.open();
  await within("the program to stop", stopped);
  const submitted = await database.pool.query(
    "SELECT FROM message WHERE state = 1 AND carrier_message_id IS NOT NULL AND destination = ANY ($1::bigint[])",
    [to],
  );
  expect({ nodes: await nodes(), submitted: submitted.rowCount, bound: smsc.bound }).toEqual({
    nodes: 0,
    submitted: to.length,
    bound: 0,
  });
});
