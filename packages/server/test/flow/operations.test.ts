import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { acceptorsOf } from "../support/processes.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until, within } from "../support/until.ts";

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };

const hooks = await receiver();
afterAll(hooks.close);
const smsc = await scriptedSmsc();
afterAll(() => smsc.close());
const database = await testDatabase();
afterAll(database.close);
const program = await startProgram({
  database,
  config: {
    server: { workers: 2 },
    log: { level: "debug", format: "json" },
    limits: { requestsPerSecond: 1_000 },
    callbacks: { allowPrivateAddresses: true },
    carriers: [{ id: "sim", type: "simulator", receiptDelay: 0 }, smsc.carrier({ id: "slow", throughput: 50 })],
    routes: [
      { to: "44", carriers: ["sim"] },
      { to: "49", carriers: ["slow"] },
    ],
  },
});
afterAll(program.stop);
const { api } = program;
const { rows: atFirst } = await database.pool.query(
  `SELECT (SELECT count(*) FROM message_bundle) + (SELECT count(*) FROM message) + (SELECT count(*) FROM webhook)
          + (SELECT count(*) FROM batch) + (SELECT count(*) FROM batch_count) + (SELECT count(*) FROM parked_receipt)
          + (SELECT count(*) FROM shared_lock) + (SELECT count(*) FROM webhook_bundle)
          + (SELECT count(*) FROM stat_flush) AS rows`,
);

test("each process warms up before its port opens, sends nothing, and leaves nothing in the store", async () => {
  const done = () =>
    program
      .output()
      .stderr.split("\n")
      .filter((line) => line.includes("warm"))
      .map((line) => JSON.parse(line) as { process: string; msg: string; requests: number; connections: number })
      .map(({ process, msg, requests, connections }) => ({ process, msg, requests, connections }))
      .sort((left, right) => (left.process < right.process ? -1 : 1));
  await until("the log to tell of it", () => done().length >= 3);
  expect(done().slice(0, 3)).toEqual([
    { process: "api-1", msg: "warmed up", requests: 200, connections: 3 },
    { process: "api-2", msg: "warmed up", requests: 200, connections: 3 },
    { process: "engine", msg: "warmed up", requests: 0, connections: 3 },
  ]);
  expect(atFirst).toEqual([{ rows: 0 }]);
});

test("says that it lives and that it is ready, to anybody", async () => {
  for (const [path, status] of [
    ["/health/live", "live"],
    ["/health/ready", "ready"],
  ] as const) {
    const answer = await api.request("GET", path, { key: null });
    expect(answer).toMatchObject({ status: 200, body: { status } });
  }
});

interface Family {
  help: number;
  type: number;
  /** Line by line, as they stand. */
  samples: string[];
}

/** Reads the text format of Prometheus as strictly as it is specified: one group of lines for each family. */
function familiesOf(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let family = "";
  const closed = new Set<string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const comment = /^# (HELP|TYPE) (\S+) /.exec(line);
    const name = comment?.[2] ?? (/^[a-zA-Z_:][\w:]*/.exec(line)?.[0] as string);
    // A histogram's samples have names that begin with the family's.
    if (name !== family && (comment !== null || !name.startsWith(`${family}_`))) {
      expect(closed.has(name), `${name} stands in two places`).toBe(false);
      closed.add(family);
      family = name;
    }
    const known = families.get(family) ?? { help: 0, type: 0, samples: [] };
    families.set(family, known);
    if (comment?.[1] === "HELP") known.help++;
    else if (comment?.[1] === "TYPE") known.type++;
    else known.samples.push(line);
  }
  return families;
}

test("answers metrics of every process, each family once", async () => {
  await api.send({ messages: [{ ...message, callback: hooks.url("/metrics") }] });
  await hooks.waitFor("/metrics", 1);
  const counted = await until("the try to be counted", async () => {
    const answer = await api.request("GET", "/metrics", { key: null });
    return /^mplus_webhook_attempts_total\{[^}]*\} 1$/m.test(answer.text) && answer;
  });
  expect(counted.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  const families = familiesOf(counted.text);
  for (const [name, { help, type }] of families) expect({ name, help, type }).toEqual({ name, help: 1, type: 1 });
  for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_eventloop_lag_seconds"]) {
    const processes = families.get(name)?.samples.map((line) => /process="([^"]+)"/.exec(line)?.[1]);
    expect({ name, processes: processes?.sort() }).toEqual({ name, processes: ["api-1", "api-2", "engine"] });
  }
  for (const stage of ["send", "receipt", "notify", "schedule"]) {
    const samples = families.get("mplus_oldest_waiting_seconds")?.samples;
    expect(samples?.filter((line) => line.includes(`stage="${stage}"`))).toHaveLength(1);
  }
  for (const name of [
    "mplus_leases_taken_over_total",
    "mplus_submits_uncertain_total",
    "mplus_receipts_unmatched_total",
    "mplus_tlvs_dropped_total",
    "mplus_database_free_bytes",
    "mplus_carrier_up",
    "mplus_submits_total",
    "mplus_receipts_total",
    "mplus_waiting",
    "mplus_endpoints",
  ]) {
    expect({ name, isThere: families.has(name) }).toEqual({ name, isThere: true });
  }
  expect(families.get("mplus_messages_final_total")?.samples.sort()).toEqual([
    'mplus_messages_final_total{state="delivered",process="engine"} 1',
    'mplus_messages_final_total{state="failed",process="engine"} 0',
  ]);
});

test("a program lives for as long as its engine goes on, not only the process that answers", async () => {
  const live = () => api.request("GET", "/health/live", { key: null });
  expect(await live()).toMatchObject({ status: 200, body: { status: "live" } });
  // The process of the engine alone: those that accept answer as ever.
  program.child.kill("SIGSTOP");
  onTestFinished(() => void program.child.kill("SIGCONT"));
  const answer = await until("the stop to be noticed", async () => {
    const now = await live();
    return now.status !== 200 && now;
  });
  expect(answer).toMatchObject({ status: 503, body: { type: "/docs#problem-no-progress" } });
  // The accepting process answers without it where it can.
  expect((await api.request("GET", "/metrics", { key: null })).text).toMatch(/process="api-\d"/);
  const [sent] = await api.send({ messages: [message] });
  program.child.kill("SIGCONT");
  await until("the program to live again", async () => (await live()).status === 200);
  await until("the message to be delivered", async () => {
    return (await api.status(sent!.batchUuid, "")).counts.delivered === 1;
  });
});

test.runIf(process.platform === "linux")(
  "of several accepting processes each is there again at the same port, whichever were killed",
  async () => {
    const accepting = () => acceptorsOf(program.child.pid as number);
    const listening = async () => {
      const answer = await api.request("GET", "/metrics").catch(() => null);
      return [...new Set(answer?.text.match(/process="api-\d"/g))].sort();
    };
    for (const killed of [1, 2]) {
      const before = await accepting();
      for (const pid of before.slice(0, killed)) process.kill(pid, "SIGKILL");
      await until(
        "both to be there again",
        async () => {
          const kept = before.slice(killed);
          const now = await accepting();
          const renewed = now.length === 2 && now.filter((pid) => before.includes(pid)).length === kept.length;
          return renewed && (await listening()).length === 2;
        },
        accepting,
      );
    }
  },
);

/** As if standard input were a terminal: what is seen of one by the program. */
const TERMINAL = `import tty from "node:tty"; import { syncBuiltinESMExports } from "node:module";
  tty.isatty = (descriptor) => descriptor === 0; syncBuiltinESMExports();`;

test("a terminal that is closed ends it in order, with what is in memory, and SIGTERM twice changes nothing", async () => {
  const database = await testDatabase();
  onTestFinished(database.close);
  const stopping = await startProgram({
    database,
    config: { carriers: [smsc.carrier()] },
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(TERMINAL)}` },
  });
  onTestFinished(stopping.kill);
  const answer = gate();
  smsc.script("447700900150", { when: answer.opened, receipts: [] });
  await stopping.api.send({ messages: [{ ...message, to: "447700900150" }] });
  await smsc.waitFor("447700900150");
  stopping.child.kill("SIGHUP");
  // Signals that are pending at the same time come in any order.
  await until("it to begin to stop", () => stopping.output().stderr.includes('"msg":"stopping"'));
  for (const signal of ["SIGTERM", "SIGTERM"] as const) stopping.child.kill(signal);
  await until("connections to be refused", () => refuses(stopping.url));
  answer.open();
  await within("the program to end", stopping.stop());
  expect(stopping.output().stderr).toMatch(/"signal":"SIGHUP","msg":"stopping".*"msg":"stopped"/s);
  const { rows } = await database.pool.query("SELECT state, leased_by, carrier_message_id FROM message");
  expect(rows).toEqual([{ state: 1, leased_by: 0, carrier_message_id: smsc.idOf("447700900150") }]);
});

// The last: it ends the program.
describe("SIGINT twice amid a large batch", () => {
  const COUNT = 10_000;
  let status: number | undefined;

  beforeAll(async () => {
    const body = JSON.stringify({ messages: [message] });
    const url = new URL(`/message?key=${api.key}`, program.url);
    const headers = { "content-length": Buffer.byteLength(body) };
    // Over a connection that has been used: of a new one the program may not know yet when it is to stop.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = request(url, { method: "POST", headers, agent }).end(body);
    const [first] = (await within("the first answer", once(before, "response"))) as [IncomingMessage];
    await once(first.resume(), "end");
    const destinations = Array.from({ length: COUNT }, (_, index) => `4915${10_000_000 + index}`);
    await api.sendBatch({ from: "MyShop", message: "x", destinations });
    const outgoing = request(url, { method: "POST", headers, agent });
    const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
    await new Promise<void>((resolve) => outgoing.write(body.slice(0, 10), () => resolve()));
    for (const signal of ["SIGINT", "SIGINT"] as const) program.child.kill(signal);
    await until("the program to be stopping", () => program.output().stderr.includes('"msg":"stopping"'));
    outgoing.end(body.slice(10));
    const [answer] = await within("the answer", answered);
    answer.resume();
    status = answer.statusCode;
    agent.destroy();
    await program.stop();
  });

  test("a request that is under way when it is to stop is answered", () => {
    expect(status).toBe(200);
  });

  test("ends in order amid a large batch, whose rest is left to the next", async () => {
    const { stderr } = program.output();
    expect(stderr).toMatch(/"signal":"SIGINT","msg":"stopping".*"msg":"stopped"/s);
    expect(stderr).not.toContain("EADDRINUSE");
    expect(smsc.submits.length).toBeLessThan(COUNT);
    const { rows } = await database.pool.query("SELECT count(*)::int AS leased FROM message WHERE leased_by <> 0");
    expect(rows).toEqual([{ leased: 0 }]);
  });
});

/** Whether connections are refused. */
function refuses(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    request(new URL("/health/live", url))
      .on("response", (response) => {
        response.resume();
        resolve(false);
      })
      .on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"))
      .end();
  });
}
