import pg from "pg";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { type EmbeddedDatabase, startEmbedded } from "../../src/store/embedded/embedded.ts";
import { removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { urlOf, withDatabase } from "../support/server-connection.ts";
import { gate, until } from "../support/until.ts";

/** A PostgreSQL that the program did not start, and does not start again. */
const dataDir = await temporaryDataDir();
const serve = (): Promise<EmbeddedDatabase> => startEmbedded({ dataDir, log: () => {} });
let server = await serve();
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
  await program.stop();
  await database.pool.end();
  await server.stop();
  await removeDataDir(dataDir);
  await smsc.close();
  await hooks.close();
});

/** Statements from beside the program's database. */
async function administer(...statements: string[]): Promise<void> {
  const client = new pg.Client(withDatabase(connection, "postgres"));
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const DISCONNECT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'mplus %'";

/** How the store goes, and how it comes back. */
const OUTAGES: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
  ["is shut down in order and started again", async () => server.stop(), restart],
  ["is killed and started again", killServer, restart],
  ["drops every connection", () => administer(DISCONNECT), async () => {}],
  [
    "lets nobody in for a while",
    () => administer("ALTER DATABASE mplus ALLOW_CONNECTIONS false", DISCONNECT),
    () => administer("ALTER DATABASE mplus ALLOW_CONNECTIONS true"),
  ],
  [
    "knows the program's user no more for a while",
    () => administer("CREATE ROLE keeper SUPERUSER LOGIN", "ALTER ROLE mplus NOLOGIN", DISCONNECT),
    restoreLogin,
  ],
];

async function restart(): Promise<void> {
  server = await serve();
}

async function killServer(): Promise<void> {
  const gone = new Promise<string>((resolve) => server.onExit(resolve));
  process.kill(server.pid, "SIGKILL");
  await gone;
}

async function restoreLogin(): Promise<void> {
  const client = new pg.Client({ ...withDatabase(connection, "postgres"), user: "keeper" });
  await client.connect();
  await client.query("ALTER ROLE mplus LOGIN").finally(() => client.end());
  await administer("DROP ROLE keeper");
}

let handset = 447_700_900_430;
let back = async (): Promise<unknown> => undefined;
beforeEach(async () => {
  await until("readiness", async () => (await api.request("GET", "/health/ready")).status === 200);
});
afterEach(() => back());

test.each(OUTAGES)("a store that %s costs neither a message, a receipt nor a webhook", async (how, leave, comeBack) => {
  const [answered, receipted] = [String(handset++), String(handset++)] as const;
  const submitAnswer = gate();
  smsc.script(answered, { when: submitAnswer.opened });
  smsc.script(receipted, { receipts: [] });
  const messages = [answered, receipted].map((to) => {
    return { from: { type: "custom", value: "MyShop" }, to, body: "x", callback: hooks.url(`/${to}`) };
  });
  const sent = await api.send({ messages });
  await smsc.waitFor(answered);
  await smsc.waitFor(receipted);
  await until("the submit to be recorded", async () => {
    const { rows } = await database.pool.query("SELECT FROM message WHERE id = $1 AND state = 1", [
      sent[1]!.messageUuid,
    ]);
    return rows.length === 1;
  });

  back = comeBack;
  await leave();
  submitAnswer.open();
  const receipt = smsc.receipt({ id: smsc.idOf(receipted) });
  const during = await api.request("POST", "/message", {
    body: { messages: [{ ...messages[0], to: "447700900429" }] },
  });
  expect(how === "drops every connection" ? [200, 503] : [503]).toContain(during.status);
  back = async () => undefined;
  await comeBack();

  expect((await receipt).command_status).toBe(0);
  for (const [index, to] of [answered, receipted].entries()) {
    const [hook] = await hooks.waitFor(`/${to}`, 1);
    expect(JSON.parse(hook!.body)).toMatchObject({ messageuuid: sent[index]!.messageUuid, delivered: true });
    expect(smsc.to(to)).toHaveLength(1);
  }
});
