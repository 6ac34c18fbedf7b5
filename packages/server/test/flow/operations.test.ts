import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { childrenOf } from "../support/processes.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { gate, until, within } from "../support/until.ts";

const SIMULATOR = [{ id: "sim", type: "simulator", receiptDelay: 0 }];
const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };

const hooks = await receiver();
afterAll(hooks.close);
const program = await startProgram({ config: { server: { workers: 2 }, carriers: SIMULATOR } });
afterAll(program.stop);
const { api } = program;

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

test.runIf(process.platform === "linux")(
  "of several accepting processes each is there again at the same port, whichever were killed",
  async () => {
    const restarting = await startProgram({ config: { server: { workers: 2 } } });
    onTestFinished(restarting.kill);
    const accepting = async () => {
      const children = await childrenOf(restarting.child.pid as number);
      return children.filter(({ command }) => command.includes("accept-process")).map(({ pid }) => pid);
    };
    const listening = async () => {
      const answer = await restarting.api.request("GET", "/metrics").catch(() => null);
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
    await restarting.stop();
    expect(restarting.output().stderr).not.toContain("EADDRINUSE");
  },
);

test.each(["SIGTERM", "SIGINT"] as const)("%s twice ends it in order, with what is in memory", async (signal) => {
  const smsc = await scriptedSmsc();
  onTestFinished(() => smsc.close());
  const database = await testDatabase();
  onTestFinished(database.close);
  const stopping = await startProgram({ database, config: { carriers: [smsc.carrier()] } });
  onTestFinished(stopping.kill);
  const answer = gate();
  smsc.script("447700900150", { when: answer.opened, receipts: [] });
  await stopping.api.send({ messages: [{ ...message, to: "447700900150" }] });
  await smsc.waitFor("447700900150");
  stopping.child.kill(signal);
  stopping.child.kill(signal);
  await until("connections to be refused", () => refuses(stopping.url));
  answer.open();
  await within("the program to end", stopping.stop());
  expect(stopping.output().stderr).toContain('"msg":"stopped"');
  const { rows } = await database.pool.query("SELECT state, leased_by, carrier_message_id FROM message");
  expect(rows).toEqual([{ state: 1, leased_by: 0, carrier_message_id: smsc.idOf("447700900150") }]);
});

test("ends in order amid a large batch, whose rest is left to the next", async () => {
  const database = await testDatabase();
  onTestFinished(database.close);
  const stopping = await startProgram({ database, config: { carriers: SIMULATOR } });
  onTestFinished(stopping.kill);
  const destinations = Array.from({ length: 30_000 }, (_, index) => `4477${10_000_000 + index}`);
  await stopping.api.sendBatch({ from: "MyShop", message: "x", destinations });
  await stopping.stop();
  const { rows } = await database.pool.query("SELECT count(*)::int AS leased FROM message WHERE leased_by <> 0");
  expect(rows).toEqual([{ leased: 0 }]);
});

test("a request that is under way when it is to stop is answered", async () => {
  const stopping = await startProgram({ config: { carriers: SIMULATOR } });
  onTestFinished(stopping.kill);
  const body = JSON.stringify({ messages: [message] });
  const url = new URL(`/message?key=${stopping.api.key}`, stopping.url);
  const headers = { "content-length": Buffer.byteLength(body) };
  // Over a connection that has been used: of a new one the program may not know yet when it is to stop.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const before = request(url, { method: "POST", headers, agent }).end(body);
  const [answer] = (await within("the first answer", once(before, "response"))) as [IncomingMessage];
  await once(answer.resume(), "end");
  const status = new Promise<number | undefined>((resolve, reject) => {
    const outgoing = request(url, { method: "POST", headers, agent });
    outgoing.on("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on("error", reject);
    outgoing.write(body.slice(0, 10), () => {
      stopping.child.kill("SIGTERM");
      until("the program to be stopping", () => stopping.output().stderr.includes('"msg":"stopping"')).then(
        () => outgoing.end(body.slice(10)),
        reject,
      );
    });
  });
  expect(await within("the answer", status)).toBe(200);
  await stopping.stop();
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
