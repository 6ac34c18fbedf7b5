import { execFileSync, spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedDatabase, startEmbedded } from "../../src/store/embedded/embedded.ts";
import { readPostmasterFile } from "../../src/store/embedded/postmaster-file.ts";
import { freePort, listening } from "../bench/ports.ts";
import { endWithFile } from "../support/children.ts";
import { query, removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { newKey, type Program, startProgram } from "../support/program.ts";
import { Random } from "../support/random.ts";
import { until } from "../support/until.ts";
import { balance, type Kill } from "./ledger.ts";
import { CrashLoad } from "./load.ts";
import { CrashReceiver } from "./receiver.ts";
import { everythingEnds, keepHistory, readRows } from "./rows.ts";
import { CrashSmsc } from "./smsc.ts";

const RETRY_DELAYS = [0.2, 0.5, 1, 2, 4];
const SOME_LOAD_MS = 3_000;
/** `npm run failover` tries both. */
const THROUGH_HAPROXY = process.env.FAILOVER_THROUGH === "haproxy";

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const random = new Random(seed);
const smsc = new CrashSmsc(random);
const receiver = new CrashReceiver(random);
const folder = await temporaryDataDir();
/** A primary, and its synchronous standby. */
const folders = { primary: folder, standby: `${folder}-copy` };
const servers: EmbeddedDatabase[] = [];
const programs: Program[] = [];

async function serve(dataDir: string, settings: Record<string, string> = {}): Promise<EmbeddedDatabase> {
  const server = await startEmbedded({ dataDir, log: () => {}, settings });
  servers.push(server);
  return server;
}

afterAll(async () => {
  for (const program of programs) await program.stop().catch(() => {});
  for (const server of servers) await server.stop();
  await removeDataDir(folders.primary);
  await rm(folders.standby, { recursive: true, force: true });
  await smsc.close();
  await receiver.close();
});

let primary: EmbeddedDatabase;
let standby: EmbeddedDatabase;

beforeAll(async () => {
  console.log(`the store fails over with CRASH_SEED=${seed}`);
  const first = await serve(folders.primary);
  await first.stop();
  execFileSync("cp", ["-a", folders.primary, folders.standby]);
  primary = await serve(folders.primary);
  await writeFile(join(folders.standby, "postgres/data/standby.signal"), "");
  const { host, port, user } = primary.connection;
  standby = await serve(folders.standby, { primary_conninfo: `host=${host} port=${port} user=${user}` });
  await query(primary.connection, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await query(primary.connection, "SELECT pg_reload_conf()");
  await until("the standby to be synchronous", async () => {
    const client = new pg.Client(primary.connection);
    await client.connect();
    const { rows } = await client.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'");
    await client.end();
    return rows.length === 1;
  });
});

/** A URL that names both servers. */
function severalHosts(): string {
  const hosts = [primary, standby].map(
    ({ connection }) => `${encodeURIComponent(connection.host!)}:${connection.port}`,
  );
  const { user, database } = primary.connection;
  return `postgres://${user}@${hosts.join(",")}/${database}?target_session_attrs=read-write`;
}

/** One address, behind which HAProxy has the primary, and the standby where that does not answer. */
async function throughHaproxy(): Promise<string> {
  const port = await freePort();
  const socketOf = ({ connection }: EmbeddedDatabase) => `unix@${connection.host}/.s.PGSQL.${connection.port}`;
  const config = join(folder, "haproxy.cfg");
  await writeFile(
    config,
    `defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
listen store
  bind 127.0.0.1:${port}
  server primary ${socketOf(primary)} check inter 200
  server standby ${socketOf(standby)} check inter 200 backup
`,
  );
  endWithFile(spawn("haproxy", ["-f", config, "-db"], { stdio: "ignore" }));
  await listening(port);
  const { user, database } = primary.connection;
  return `postgres://${user}@127.0.0.1:${port}/${database}`;
}

test("the primary dies under load and its standby is promoted: nothing that was answered is lost, and all goes on", async () => {
  const url = THROUGH_HAPROXY ? await throughHaproxy() : severalHosts();
  const keys = { organizationKey: newKey(), accountKey: newKey() };
  const carrier = { id: "crash", type: "smpp", host: "127.0.0.1", port: await smsc.listen(), systemId: "crash" };
  const config = {
    ...keys,
    log: { level: "info", format: "json" },
    callbacks: { allowPrivateAddresses: true, retryDelays: RETRY_DELAYS },
    carriers: [carrier],
  };
  const database = { config: {}, url, pool: new pg.Pool(), close: async () => {} };
  const program = await startProgram({ database, config });
  programs.push(program);
  const before = new pg.Pool({ ...primary.connection, max: 1 });
  await keepHistory(before);
  await before.end();
  const callback = await receiver.listen();
  const load = new CrashLoad({ random, url: () => program.url, key: keys.accountKey, callback, rate: 150, callers: 8 });
  load.start();
  await sleep(SOME_LOAD_MS);

  const file = await readPostmasterFile(join(folders.primary, "postgres/data"));
  if (file.state !== "running") throw new Error("there is no primary to kill");
  const kill: Kill = { victim: "postmaster", at: Date.now(), until: 0 };
  process.kill(file.pid, "SIGKILL");
  await query(standby.connection, "SELECT pg_promote()");
  const promotedAt = Date.now();
  await until("readiness", async () => (await program.api.request("GET", "/health/ready")).status === 200);
  kill.until = Date.now();
  await load.sendBatch(program.url, 1_000);
  await sleep(SOME_LOAD_MS);
  await load.stop();

  const after = new pg.Pool({ ...standby.connection, max: 2 });
  await everythingEnds(after, smsc);
  const rows = await readRows(after);
  await after.end();
  const books = { sent: load.sent, submits: smsc.submits, hooks: receiver.hooks, kills: [kill], rows };
  const report = balance({ ...books, mostTries: RETRY_DELAYS.length + 1, onUncertain: "resend" });
  expect(report.off).toEqual([]);
  expect(report.accepted).toBeGreaterThan(500);
  const answered = load.sent.filter(({ at, outcome }) => outcome === "accepted" && at >= promotedAt);
  expect(answered).not.toEqual([]);
  const answeredAfterMs = Math.min(...answered.map(({ at }) => at)) - promotedAt;
  console.log(JSON.stringify({ accepted: report.accepted, answeredAfterMs, ...report.resubmitted }));
});
