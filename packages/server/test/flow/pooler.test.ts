import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { unprivilegedUser } from "../../src/store/embedded/user.ts";
import { freePort, listening } from "../bench/ports.ts";
import { endWithFile } from "../support/children.ts";
import { testDatabase } from "../support/database.ts";
import { runToEnd, startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const isThere = spawnSync("pgbouncer", ["--version"]).status === 0;

/** The database through a PgBouncer with its defaults; answers its URL. */
async function pgbouncer(url: string, mode: string): Promise<string> {
  const target = new URL(url);
  const user = decodeURIComponent(target.username);
  const folder = await mkdtemp(join(tmpdir(), "mplus-pgbouncer-"));
  await chmod(folder, 0o755);
  const listenPort = await freePort();
  const host = target.searchParams.get("host") ?? target.hostname;
  const port = target.searchParams.get("port") ?? (target.port || "5432");
  await writeFile(join(folder, "users.txt"), `"${user}" "${target.password}"\n`);
  const lines = [
    "[databases]",
    `* = host=${host} port=${port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${listenPort}`,
    "unix_socket_dir =",
    "auth_type = trust",
    `auth_file = ${folder}/users.txt`,
    `pool_mode = ${mode}`,
  ];
  await writeFile(join(folder, "pgbouncer.ini"), `${lines.join("\n")}\n`);
  const as = process.getuid?.() === 0 ? await unprivilegedUser() : {};
  const child = spawn("pgbouncer", [join(folder, "pgbouncer.ini")], { ...as, cwd: folder, stdio: "ignore" });
  endWithFile(child);
  onTestFinished(async () => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true });
  });
  await listening(listenPort);
  return `postgres://${user}@127.0.0.1:${listenPort}${target.pathname}`;
}

describe.skipIf(!isThere)("through PgBouncer", async () => {
  const database = await testDatabase();
  afterAll(database.close);

  test.each(["transaction", "statement"])("in %s mode the start refuses in a sentence", async (mode) => {
    const url = await pgbouncer(database.url, mode);
    const { end, stderr } = await runToEnd({ database: { ...database, url } });
    expect(end).toBe("1");
    expect(stderr).toMatch(/^mplus: database\.url: a pooler between .*: set pool_mode = session there [^\n]*\n$/);
  });

  test("in session mode the program works, with its own settings whatever the database carries", async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.pool.query(`ALTER DATABASE ${name} SET DateStyle = 'German, DMY'`);
    onTestFinished(() => database.pool.query(`ALTER DATABASE ${name} RESET ALL`).then(() => {}));
    const url = await pgbouncer(database.url, "session");
    const program = await startProgram({ database: { ...database, url, close: async () => {} } });
    onTestFinished(program.stop);
    const messages = [{ from: { type: "custom", value: "MyShop" }, to: "447700900123", body: "x" }];
    const [sent] = await program.api.send({ messages });
    await until("delivery", async () => {
      const { body } = await program.api.request("GET", `/batch/${sent!.batchUuid}`);
      return (body as unknown as { counts: { delivered: number } }).counts.delivered === 1;
    });
    const at = new Date(Date.now() + 3_600_000).toISOString();
    await program.api.send({ messages: [{ ...messages[0], send_at: at }] });
    const { body } = await program.api.request("GET", "/batch");
    expect(body).toMatchObject({ batches: [{ at, from: "MyShop" }] });
  });
});
