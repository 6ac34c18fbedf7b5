import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedDatabase, startEmbedded } from "../../src/store/embedded/embedded.ts";
import { isRunning, readPostmasterFile } from "../../src/store/embedded/postmaster-file.ts";
import { query, removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { gone, kill, startProgram, stop, untilDefined } from "./embedded-rig.ts";

let dataDir: string;
const started: EmbeddedDatabase[] = [];

// One data directory for all, whatever the test before has left there: making it is most of a test's time.
beforeAll(async () => {
  dataDir = await temporaryDataDir();
  await start();
  await stopAll();
});

afterEach(stopAll);

afterAll(async () => {
  await removeDataDir(dataDir);
});

async function stopAll(): Promise<void> {
  for (const database of started.splice(0)) await database.stop();
}

async function start(): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dataDir, log: () => {} });
  started.push(database);
  return database;
}

/** A session that keeps a smart shutdown waiting; `refused` resolves once the server turns others away. */
async function startHolder(connection: pg.ClientConfig) {
  const client = new pg.Client(connection);
  await client.connect();
  const turnedAway = (error: { code?: string }) => (error.code === "57P03" ? true : undefined);
  const refused = () => untilDefined(() => query(connection, "SELECT 1").then(() => undefined, turnedAway));
  return { refused, leave: () => client.end() };
}

const nextExit = (database: EmbeddedDatabase) => new Promise<string>((settle) => database.onExit(settle));
const WRITE = "DROP TABLE IF EXISTS written; CREATE TABLE written AS SELECT 1 AS one";
const ones = [{ one: 1 }];

describe("when the program is killed", () => {
  test("the server lives on, is adopted by the next program, and stops with it", async () => {
    const killed = await startProgram(dataDir);
    await query(killed.started.connection, WRITE);
    await kill(killed);
    expect(isRunning(killed.started.pid)).toBe(true);
    const next = await start();
    expect(next.pid).toBe(killed.started.pid);
    expect(next.connection).toEqual(killed.started.connection);
    expect(await query(next.connection, "SELECT one FROM written")).toEqual(ones);
    await next.stop();
    await gone(next.pid);
  });

  test("and the server with it, what was committed is there after the next start", async () => {
    const killed = await startProgram(dataDir);
    await query(killed.started.connection, WRITE);
    await kill(killed);
    process.kill(killed.started.pid, "SIGKILL");
    await gone(killed.started.pid);
    const next = await start();
    expect(next.pid).not.toBe(killed.started.pid);
    expect(await query(next.connection, "SELECT one FROM written")).toEqual(ones);
  });

  test("while the server shuts down, the next program waits for that and starts it again", async () => {
    const killed = await startProgram(dataDir);
    // SIGTERM is the smart shutdown: it waits for the session below, and lets nobody in.
    const holder = await startHolder(killed.started.connection);
    process.kill(killed.started.pid, "SIGTERM");
    await kill(killed);
    const next = start();
    await holder.refused();
    await holder.leave();
    expect((await next).pid).not.toBe(killed.started.pid);
    expect(await query((await next).connection, "SELECT 1 AS one")).toEqual(ones);
  });
});

describe("when the server dies alone", () => {
  test("the program is told, and brings it up again with all that was committed", async () => {
    const database = await start();
    await query(database.connection, WRITE);
    const exit = nextExit(database);
    const { pid } = database;
    process.kill(pid, "SIGKILL");
    expect(await exit).toBe(`process ${pid} ended (SIGKILL)`);
    await database.restart();
    expect(database.pid).not.toBe(pid);
    expect(await query(database.connection, "SELECT one FROM written")).toEqual(ones);
  });

  test("the program is told as well of one that it adopted", async () => {
    const killed = await startProgram(dataDir);
    await kill(killed);
    const database = await start();
    const exit = nextExit(database);
    process.kill(database.pid, "SIGKILL");
    expect(await exit).toBe(`process ${killed.started.pid} ended (gone)`);
    await database.restart();
    expect(await query(database.connection, "SELECT 1 AS one")).toEqual(ones);
  });

  test("again and again amid its starts, it comes up all the same", async () => {
    const program = startProgram(dataDir);
    let last: number | undefined;
    for (let kills = 0; kills < 3; kills++) {
      const pid: number = await untilDefined(async () => {
        const found = await readPostmasterFile(join(dataDir, "postgres", "data"));
        return found.state === "running" && found.pid !== last ? found.pid : undefined;
      });
      process.kill(pid, "SIGKILL");
      last = pid;
    }
    const { connection } = (await program).started;
    expect(await untilDefined(() => query(connection, "SELECT 1 AS one"))).toEqual(ones);
    await stop(await program);
  });

  test("it is still this program's alone when only its backends crashed", async () => {
    const database = await start();
    const exits: string[] = [];
    database.onExit((reason) => exits.push(reason));
    const lockHolder = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted`;
    const [before] = await query<{ pid: number }>(database.connection, lockHolder);
    process.kill(before!.pid, "SIGKILL");
    // The server notices a backend's death a moment later, and answers until then.
    const others = async () =>
      (await query<{ pid: number }>(database.connection, lockHolder)).filter(({ pid }) => pid !== before!.pid);
    await untilDefined(async () => (await others())[0]);
    expect(exits).toEqual([]);
  });
});

describe("a lock file that is out of date", () => {
  /** Leaves what a killed server leaves, with postmaster.pid and the socket's lock file changed. */
  async function leaveBehind(change: (text: string) => string): Promise<void> {
    const killed = await startProgram(dataDir);
    await kill(killed);
    process.kill(killed.started.pid, "SIGKILL");
    await gone(killed.started.pid);
    for (const file of ["data/postmaster.pid", "run/.s.PGSQL.5432.lock"]) {
      const path = join(dataDir, "postgres", file);
      await writeFile(path, change(await readFile(path, "utf8")));
    }
  }

  test("whose number is now another process's: the server starts, and that process is left alone", async () => {
    const stranger = spawn("sleep", ["1000"]);
    await once(stranger, "spawn");
    await leaveBehind((text) => text.replace(/^\d+/, String(stranger.pid)));
    const database = await start();
    expect(database.pid).not.toBe(stranger.pid);
    await database.stop();
    expect(isRunning(stranger.pid!)).toBe(true);
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
  });

  test("whose number is now that of another process in the data directory, as a shell's: it is left alone", async () => {
    const stranger = spawn("sleep", ["1000"], { cwd: join(dataDir, "postgres", "data") });
    await once(stranger, "spawn");
    await leaveBehind((text) => text.replace(/^\d+/, String(stranger.pid)));
    await (await start()).stop();
    expect(isRunning(stranger.pid!)).toBe(true);
    stranger.kill();
  });

  test("that is empty, as a crash of the machine can leave it, is no obstacle", async () => {
    await leaveBehind(() => "");
    const database = await start();
    expect(await query(database.connection, "SELECT 1 AS one")).toEqual(ones);
  });
});
