import { execFileSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedDatabase, startEmbedded } from "../../src/store/embedded/embedded.ts";
import { query, removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { newKey, runToEnd, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { scriptedSmsc } from "../support/scripted-smsc.ts";
import { until } from "../support/until.ts";

/** A primary, and a copy of it that is a standby. */
const folders = { primary: await temporaryDataDir(), standby: `${await temporaryDataDir()}-copy` };
const serve = (dataDir: string): Promise<EmbeddedDatabase> => startEmbedded({ dataDir, log: () => {} });
let primary: EmbeddedDatabase;
let standby: EmbeddedDatabase;
const smsc = await scriptedSmsc();
const hooks = await receiver();

const config = {
  carriers: [smsc.carrier()],
  callbacks: { allowPrivateAddresses: true },
  organizationKey: newKey(),
  accountKey: newKey(),
};
/** For a program; nobody else connects to it. */
const databaseAt = (url: string) => ({ config: {}, url, pool: new pg.Pool(), close: async () => {} });

beforeAll(async () => {
  primary = await serve(folders.primary);
  // What a standby has of before.
  await (await startProgram({ database: databaseAt(urlOf(hostOf(primary))), config })).stop();
  await primary.stop();
  execFileSync("cp", ["-a", folders.primary, folders.standby]);
  primary = await serve(folders.primary);
  await writeFile(join(folders.standby, "postgres/data/standby.signal"), "");
  standby = await serve(folders.standby);
});

afterAll(async () => {
  await standby.stop();
  for (const folder of Object.values(folders)) await removeDataDir(folder);
  await rm(folders.standby.replace(/-copy$/, ""), { recursive: true });
  await smsc.close();
  await hooks.close();
});

/** A URL that names these hosts. */
function urlOf(...hosts: string[]): string {
  const { user, database } = primary.connection;
  return `postgres://${user}@${hosts.join(",")}/${database}?target_session_attrs=read-write`;
}

const hostOf = ({ connection }: EmbeddedDatabase) => `${encodeURIComponent(connection.host!)}:${connection.port}`;

test("where none of the hosts takes writes the start says why of each", async () => {
  const { end, stderr } = await runToEnd({ env: { DATABASE_URL: urlOf(hostOf(standby), "127.0.0.1:1") } });
  expect(end).toBe("1");
  expect(stderr).toMatch(
    /^mplus: database\.url: none of its hosts takes writes: the server at \S+ is a standby; nothing listens at [^\n]+\n$/,
  );
});

test("of several hosts the one that takes writes is used, at the start and after a failover", async () => {
  const url = urlOf("127.0.0.1:1", hostOf(standby), hostOf(primary));
  const program = await startProgram({ database: databaseAt(url), config });
  const deliver = async (to: string): Promise<void> => {
    const messages = [{ from: { type: "custom", value: "MyShop" }, to, body: "x", callback: hooks.url(`/${to}`) }];
    await program.api.send({ messages });
    const [hook] = await hooks.waitFor(`/${to}`, 1);
    expect(JSON.parse(hook!.body)).toMatchObject({ destination: `+${to}`, delivered: true });
  };
  await deliver("447700900471");

  await primary.stop();
  await query(standby.connection, "SELECT pg_promote()");
  await until("readiness", async () => (await program.api.request("GET", "/health/ready")).status === 200);
  await deliver("447700900472");
  await program.stop();
});
