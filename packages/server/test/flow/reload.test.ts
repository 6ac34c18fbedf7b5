import { copyFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { unfinished } from "../crash/rows.ts";
import { byHand, ownApi, post } from "../http-carriers/rig.ts";
import { command } from "../support/command.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { reload as askToReload, type Reloaded, rewrite as rewriteWhole } from "../support/rewrite.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { smppPortOf } from "../support/smpp-program.ts";
import { until } from "../support/until.ts";

const [stays, changes, comes] = await Promise.all([scriptedSmsc(), scriptedSmsc(), scriptedSmsc()]);
afterAll(() => Promise.all([stays, changes, comes].map((smsc) => smsc.close())));
const operatorKey = newKey();
const from = { type: "custom", value: "MyShop" } as const;

interface Carrier {
  id: string;
  state: string;
  paused: boolean;
  bind_counts: { bound: number };
}

const operatorOf = (program: Program) => program.api.as(operatorKey);
const rewrite = (program: Program, config: object) => rewriteWhole(program, { operatorKey, ...config });
const reload = (program: Program) => askToReload(program, operatorKey);
const carriersOf = async (program: Program) =>
  (await operatorOf(program).request<{ items: Carrier[] }>("GET", "/carriers")).body.items;

const before = {
  carriers: [stays.carrier({ id: "stays" }), changes.carrier({ id: "changes" })],
  routes: [
    { to: "44", carriers: ["stays"] },
    { to: "33", carriers: ["changes"] },
  ],
};
const program = await startProgram({ config: { ...before, operatorKey } });
afterAll(program.stop);
let numbers = 100;
async function sentBy(smsc: typeof stays, prefix: string, on = program): Promise<string> {
  const to = `${prefix}7700900${numbers++}`;
  await on.api.send({ messages: [{ from, to, body: "x" }] });
  const [submit] = await smsc.waitFor(to);
  return (submit as { source_addr: string }).source_addr;
}

test("carriers and routes are others from then on, and what did not change keeps its binds", async () => {
  await sentBy(stays, "44");
  await sentBy(changes, "33");
  expect((await reload(program)).body).toEqual({ changed: [], restart: [], others: [] });
  rewrite(program, {
    carriers: [
      stays.carrier({ id: "stays" }),
      changes.carrier({ id: "changes", sourceTon: 0 }),
      comes.carrier({ id: "comes" }),
    ],
    routes: [
      { to: "44", carriers: ["stays"] },
      { to: "33", carriers: ["changes"] },
      { to: "49", carriers: ["comes"] },
    ],
    limits: { requestsPerSecond: 1_000 },
    messages: { maxParts: 2 },
    environment: "staging",
    smpp: { idle: 120 },
  });
  const { status, body } = await reload(program);
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      changed: ["carriers.changes", "carriers.comes", "routes", "limits.requestsPerSecond"],
      restart: ["messages.maxParts", "environment", "smpp.idle"],
      others: [],
    },
  });
  await sentBy(stays, "44");
  await sentBy(comes, "49");
  await sentBy(changes, "33");
  expect(changes.submits.map(({ source_addr_ton }) => source_addr_ton)).toEqual([5, 0]);
  const bound = Object.fromEntries((await carriersOf(program)).map(({ id, bind_counts }) => [id, bind_counts.bound]));
  expect(bound).toEqual({ stays: 1, changes: 1, comes: 1 });
});

test("every fault is named by its path, and nothing changes", async () => {
  rewrite(program, { carriers: [stays.carrier({ id: "other", windows: 1 })], routes: [{ carriers: ["nowhere"] }] });
  const { status, body } = await reload(program);
  expect({ status, type: body.type }).toEqual({ status: 400, type: "/docs#problem-configuration-invalid" });
  expect(body.errors.map(({ path }) => path)).toEqual(["carriers[0].windows", "routes[0].carriers[0]"]);
  expect((await carriersOf(program)).map(({ id }) => id)).toEqual(["stays", "changes", "comes"]);
  await sentBy(stays, "44");
});

test("a carrier that is taken out gets nothing more, and what waited for it goes by another", async () => {
  rewrite(program, {
    carriers: [{ ...stays.carrier({ id: "away" }), port: 1 }, changes.carrier({ id: "changes" })],
    routes: [
      { to: "44", carriers: ["away"] },
      { to: "33", carriers: ["changes"] },
    ],
  });
  await reload(program);
  const to = "447700900777";
  await program.api.send({ messages: [{ from, to, body: "x" }] });
  rewrite(program, { carriers: [changes.carrier({ id: "changes" })] });
  expect((await reload(program)).body.changed).toEqual(["carriers.away", "routes"]);
  await changes.waitFor(to);
  expect(stays.to(to)).toEqual([]);
});

test("an HTTP carrier that comes takes receipts at once, and one that goes takes none", async () => {
  const provider = ownApi();
  await provider.listen();
  onTestFinished(() => provider.close());
  const receipt = (id: string) => post(program, "/carriers/own/receipts", { id, state: "ok" });
  expect(await receipt("m-0")).toBe(404);
  const stay = changes.carrier({ id: "changes" });
  rewrite(program, {
    carriers: [stay, byHand(provider)],
    routes: [
      { to: "44", carriers: ["changes"] },
      { to: "49", carriers: ["own"] },
    ],
  });
  await reload(program);
  const to = "4915112345678";
  const [sent] = await program.api.send({ messages: [{ from, to, body: "x" }] });
  await provider.waitFor(to);
  expect(await receipt("m-1")).toBe(200);
  await until("its end", async () => (await program.api.status(sent!.batchUuid)).counts.delivered === 1);
  rewrite(program, { carriers: [stay] });
  await reload(program);
  expect(await receipt("m-1")).toBe(404);
});

test("senders, limits and callbacks count at once, also where they are checked", async () => {
  rewrite(program, {
    carriers: [changes.carrier({ id: "changes" })],
    senders: { unregistered: "refuse" },
    callbacks: { allowPrivateAddresses: true },
  });
  const message = { to: "447700900123", body: "x", from };
  const post = (more: object) =>
    program.api.request("POST", "/message", { body: { messages: [{ ...message, ...more }] } });
  expect((await post({ callback: "http://127.0.0.1:9/" })).status).toBe(400);
  expect((await reload(program)).body.changed).toEqual(["senders.unregistered", "callbacks.allowPrivateAddresses"]);
  expect((await post({ callback: "http://127.0.0.1:9/" })).status).toBe(403);
});

describe("with another program on the store, which speaks TLS", () => {
  const files = { cert: "tls.crt", key: "tls.key" };
  const tls = { server: { port: 0, tls: files }, smpp: { port: 0, tls: files } };
  let other: Program;
  beforeAll(async () => {
    other = await startProgram({
      database: program.database,
      config: { ...before, operatorKey, ...tls },
      beforeSpawn: (folder) => install("valid", folder),
    });
  });
  afterAll(() => other.stop());
  const rewriteOther = (config: object) => rewrite(other, { ...tls, ...config });
  const rewriteOwn = (config: object) => rewrite(program, config);

  test("SIGHUP and the command do it, too; other programs on the store do the same, and say so", async () => {
    rewriteOther({ carriers: [changes.carrier({ id: "theirs" })] });
    rewrite(program, { carriers: [changes.carrier({ id: "by-signal" })] });
    program.child.kill("SIGHUP");
    // It stops nothing, and says what it does.
    await until("it to be said", () => program.output().stderr.includes("the configuration was read anew"));
    const firstOf = async (one: Program) => (await carriersOf(one))[0]?.id;
    await until("both", async () => (await firstOf(program)) === "by-signal" && (await firstOf(other)) === "theirs");
    rewrite(program, { carriers: [changes.carrier({ id: "by-command" })] });
    rewriteOther({ carriers: [changes.carrier({ id: "theirs" })], environment: "staging", limits: { burst: 9 } });
    const options = ["--url", program.url, "--key", operatorKey];
    const told = await command(["reload", ...options]);
    expect(told.stdout.replace(/^\S+ \(process \d+\)/m, "HOST")).toBe(
      "changed: carriers.by-command, carriers.by-signal\n" +
        "HOST: changed: limits.burst\n  needs a restart: environment\n",
    );
    rewriteOther({ carriers: [changes.carrier({ id: "faulty", windows: 1 })], routes: [{ carriers: [7] }] });
    const refused = await command(["reload", "--json", ...options]);
    const { changed, others } = JSON.parse(refused.stdout) as Reloaded;
    expect({ code: refused.code, changed, others }).toEqual({
      code: 1,
      changed: [],
      others: [
        {
          ...{ host: expect.any(String), pid: other.child.pid, state: "refused", changed: [], restart: [] },
          detail: "The configuration is not valid.",
          errors: ["carriers[0].windows", "routes[0].carriers[0]"].map((path) => expect.objectContaining({ path })),
        },
      ],
    });
    expect(await firstOf(other)).toBe("theirs");
    expect((await command(["config", "check", "--config", join(program.folder, "config.json")])).stdout).toBe(
      "valid: 1 carrier, 0 routes\n",
    );
  });

  test("under load, over two programs, nothing is lost or sent twice, and binds of what did not change are kept", async () => {
    const changed = (one: Program, sourceTon: number) =>
      (one === other ? rewriteOther : rewriteOwn)({
        carriers: [stays.carrier({ id: "stays" }), changes.carrier({ id: "changes", sourceTon })],
        routes: [
          { to: "44", carriers: ["stays"] },
          { to: "33", carriers: ["changes"] },
        ],
      });
    for (const one of [program, other]) changed(one, 5);
    await reload(program);
    const isBound = async (one: Program) => (await carriersOf(one)).every(({ bind_counts: { bound } }) => bound === 1);
    const allBound = () => until("the binds", async () => (await isBound(program)) && (await isBound(other)));
    await allBound();
    const [kept, others] = [stays.binds, changes.binds];
    const sent = new Set<string>();
    let over = false;
    // Some at a time, and the next once they are there: as many as matter, however long the reloads take.
    const send = async (on: Program, prefix: string): Promise<void> => {
      while (!over && sent.size < 5_000) {
        const to = Array.from({ length: 5 }, () => `${prefix}7709${100_000 + numbers++}`);
        await on.api.send({ messages: to.map((number) => ({ from, to: number, body: "x" })) });
        for (const number of to) sent.add(number);
        await (prefix === "44" ? stays : changes).waitFor(to[4]!);
      }
    };
    const load = [program, other].flatMap((one) => [send(one, "44"), send(one, "33")]);
    for (const sourceTon of [0, 1]) {
      for (const one of [program, other]) changed(one, sourceTon);
      const { body } = await reload(program);
      const [theirs] = body.others;
      expect([body.changed, theirs?.changed]).toEqual([["carriers.changes"], ["carriers.changes"]]);
    }
    over = true;
    await Promise.all(load);
    expect(sent.size).toBeGreaterThan(20);
    const { pool } = program.database;
    await until("all ends", async () => (await unfinished(pool)).messages === 0);
    const delivered = "SELECT FROM message WHERE destination = ANY ($1::bigint[]) AND state = 2";
    const { rowCount } = await pool.query(delivered, [[...sent]]);
    const submits = [...stays.submits, ...changes.submits].filter(({ destination_addr: to }) => sent.has(to));
    await allBound();
    const binds = { kept: stays.binds - kept, changed: changes.binds - others };
    expect({ delivered: rowCount, submits: submits.length, binds }).toEqual({
      delivered: sent.size,
      submits: sent.size,
      binds: { kept: 0, changed: 4 },
    });
  });

  test("a certificate that was renewed is shown from then on", async () => {
    const shown = () => Promise.all([shownBy(other), shownOverSmpp(other)]);
    expect(await shown()).toEqual(["valid", "valid"]);
    install("other", other.folder);
    expect((await reload(other)).body).toMatchObject({ changed: ["server.tls", "smpp.tls"], restart: [] });
    await until("the other one", async () => (await shown()).every((name) => name === "other"));
    copyFileSync(join(other.folder, "tls.crt"), join(other.folder, "tls.key"));
    const faults = (await reload(other)).body.errors.map(({ path }) => path);
    expect(faults).toEqual(["server.tls.key", "smpp.tls.key"]);
    install("other", other.folder);
  });
});

/** Puts a certificate, with its key, into a program's folder. */
function install(name: string, folder: string): void {
  for (const end of ["crt", "key"]) {
    const file = fileURLToPath(new URL(`../notify/certificates/${name}.${end}`, import.meta.url));
    copyFileSync(file, join(folder, `tls.${end}`));
  }
}

function shownBy(program: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(`${program.url}/health/live`, { rejectUnauthorized: false, agent: false }, (answer) => {
      resolve((answer.socket as TLSSocket).getPeerCertificate().subject.CN as string);
      answer.resume();
    });
    asked.on("error", reject).end();
  });
}

function shownOverSmpp(program: Program): Promise<string> {
  const port = smppPortOf(program);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN as string);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
