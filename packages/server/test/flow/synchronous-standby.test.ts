import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { startEmbedded } from "../../src/store/embedded/embedded.ts";
import { removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { runToEnd, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { urlOf, withDatabase } from "../support/server-connection.ts";
import { gate, until } from "../support/until.ts";

/** A PostgreSQL whose commits can be made to wait for a standby that is never there. */
const dataDir = await temporaryDataDir();
const server = await startEmbedded({ dataDir, log: () => {} });
const { connection } = server;
const database = { config: connection, url: urlOf(connection), pool: new pg.Pool(connection), close: async () => {} };
database.pool.on("error", () => {});
const hooks = await receiver();
const smsc = await scriptedSmsc();
const program = await startProgram({
  database,
  config: { carriers: [smsc.carrier({ responseTimeout: 60 })], callbacks: { allowPrivateAddresses: true } },
});
const { api } = program;
afterAll(async () => {
  await administer("ALTER SYSTEM RESET synchronous_standby_names");
  await program.stop();
  await database.pool.end();
  await server.stop();
  await removeDataDir(dataDir);
  await smsc.close();
  await hooks.close();
});

async function administer(statement: string): Promise<void> {
  const client = new pg.Client(withDatabase(connection, "postgres"));
  await client.connect();
  try {
    await client.query(statement);
    await client.query("SELECT pg_reload_conf()");
  } finally {
    await client.end();
  }
}

const someCommitWaits = async () => {
  const { rows } = await database.pool.query("SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  return rows.length > 0;
};

const held = async () => {
  const { text } = await api.request("GET", "/metrics", { key: null });
  return Number(/^mplus_commits_held_seconds\{[^}]*\} (\S+)$/m.exec(text)?.[1]) > 0;
};

test("while commits wait for a synchronous standby requests are refused, and after it all is done once", async () => {
  smsc.script("447700900441", { receipts: [] });
  const submitAnswer = gate();
  smsc.script("447700900442", { when: submitAnswer.opened });
  const message = (to: string) => {
    return { from: { type: "custom", value: "MyShop" }, to, body: "x", callback: hooks.url(`/${to}`) };
  };
  const sent = await api.send({ messages: ["447700900441", "447700900442"].map(message) });
  await smsc.waitFor("447700900442");
  await until("the submit to be recorded", async () => {
    const { rows } = await database.pool.query("SELECT FROM message WHERE id = $1 AND state = 1", [
      sent[0]!.messageUuid,
    ]);
    return rows.length === 1;
  });

  await administer("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  await until("a commit to wait", someCommitWaits);
  const ask = (to: string) => api.request("POST", "/message", { body: { messages: [message(to)] } });
  // The first are on their way when it is not known yet that they wait.
  const unanswered = ["447700900443", "447700900444"];
  const refused = await Promise.all(unanswered.map(ask));
  refused.push(await ask("447700900445"), await api.request("GET", "/health/ready"));
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 503, body: { type: "/docs#problem-store-unavailable" } });
    expect(answer.text).toContain("Commits wait for a synchronous standby that is away");
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  }
  expect((await api.request("GET", "/health/live")).status).toBe(200);
  expect((await api.request("GET", `/batch/${sent[0]!.batchUuid}`)).status).toBe(200);
  expect(await held()).toBe(true);
  expect(program.output().stderr).toContain("commits wait for a synchronous standby: requests get 503");
  let acknowledged = false;
  const receipt = smsc.receipt({ id: smsc.idOf("447700900441") }).then(({ command_status }) => {
    acknowledged = true;
    return command_status;
  });
  submitAnswer.open();
  await until("both receipts to be read", async () => {
    const { text } = await api.request("GET", "/metrics", { key: null });
    return /^mplus_receipts_total\{[^}]*\} 2$/m.test(text);
  });
  expect(acknowledged).toBe(false);

  await administer("ALTER SYSTEM RESET synchronous_standby_names");
  expect(await receipt).toBe(0);
  // What was refused while its commit waited is stored, and goes on like any message whose hand-off was lost.
  for (const to of ["447700900441", "447700900442", ...unanswered]) {
    const [hook] = await hooks.waitFor(`/${to}`, 1);
    expect(JSON.parse(hook!.body)).toMatchObject({ destination: `+${to}`, delivered: true });
    expect(smsc.to(to)).toHaveLength(1);
  }
  expect(smsc.to("447700900445")).toEqual([]);
  expect(await until("requests to be taken", async () => (await ask("447700900446")).status === 200)).toBe(true);
  expect(await held()).toBe(false);
  expect(program.output().stderr).toContain("over: commits wait for a synchronous standby");
});

test.each(["mplus", "fresh"])(
  "a start on the database %s whose commits would wait refuses in a sentence",
  async (name) => {
    if (name === "fresh") await administer("CREATE DATABASE fresh");
    await administer("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await until("a commit to wait", someCommitWaits);
    const { end, stderr } = await runToEnd({
      database: { ...database, url: urlOf({ ...connection, database: name }) },
    });
    await administer("ALTER SYSTEM RESET synchronous_standby_names");
    expect(end).toBe("1");
    expect(stderr).toMatch(
      /^mplus: database\.url: commits wait for a synchronous standby that is away: start it, [^\n]+$/m,
    );
  },
);
