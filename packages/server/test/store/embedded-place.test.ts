import { execFile, execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Binaries, installedBinaries } from "../../src/store/embedded/binaries.ts";
import { type EmbeddedDatabase, startEmbedded } from "../../src/store/embedded/embedded.ts";
import { mayEnter } from "../../src/store/embedded/user.ts";
import { putDatabase, query, removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { bundled, startProgram, stop } from "./embedded-rig.ts";

const asRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };

let folder: string;
const started: EmbeddedDatabase[] = [];

beforeEach(async () => {
  folder = await temporaryDataDir();
});

afterEach(async () => {
  for (const database of started.splice(0)) await database.stop();
  await removeDataDir(folder);
});

async function start(dataDir: string, binaries?: Binaries): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dataDir, log: () => {} }, binaries);
  started.push(database);
  return database;
}

async function answers(database: Pick<EmbeddedDatabase, "connection">): Promise<void> {
  expect(await query(database.connection, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
}

/** The binaries as npm leaves them where install scripts are blocked: none of the libraries' links is there. */
async function binariesWithoutLinks(parent: string): Promise<Binaries> {
  const { folder: installed } = await installedBinaries();
  const copy = join(parent, "native");
  // A thousand files, for which fs.cp takes seconds.
  await promisify(execFile)("cp", ["-a", installed, copy]);
  const links = JSON.parse(await readFile(join(copy, "pg-symlinks.json"), "utf8")) as { target: string }[];
  for (const { target } of links) await rm(join(parent, target), { force: true });
  return { folder: copy, version: "18.4.0-test", libraryPath: null };
}

describe("the libraries' links, which blocked install scripts leave out,", () => {
  test("are made in the data directory, and the installed files stay as they are", async () => {
    const binaries = await binariesWithoutLinks(folder);
    const before = readdirSync(join(binaries.folder, "lib"));
    await answers(await start(join(folder, "data"), binaries));
    expect(readdirSync(join(binaries.folder, "lib"))).toEqual(before);
  });

  test("are made in a copy where the path has a colon, which separates paths for the loader", async () => {
    const binaries = await binariesWithoutLinks(folder);
    const dataDir = join(folder, "a:b, c");
    await putDatabase(dataDir);
    await answers(await start(dataDir, binaries));
    expect(existsSync(join(dataDir, "postgres", "postgresql-18.4.0-test", "bin", "postgres"))).toBe(true);
  });
});

test("binaries whose loader is missing, as glibc's is on Alpine, are named as the reason", async () => {
  const binaries = { folder: join(folder, "native"), version: "18.4.0-test", libraryPath: null };
  await mkdir(join(binaries.folder, "bin"), { recursive: true });
  await writeFile(join(binaries.folder, "bin", "initdb"), "#!/lib/no-such-loader\n", { mode: 0o755 });
  await writeFile(join(binaries.folder, "pg-symlinks.json"), "[]");
  await expect(start(join(folder, "data"), binaries)).rejects.toThrow(/need the C library glibc.*DATABASE_URL/);
});

describe("a data directory with a long path", () => {
  test("has its socket in a short folder that is private", async () => {
    const dataDir = join(folder, "long".repeat(30));
    await putDatabase(dataDir);
    const database = await start(dataDir);
    const { host } = database.connection;
    expect(dirname(host!)).toBe(tmpdir());
    expect((await stat(host!)).mode & 0o777).toBe(0o700);
    await answers(database);
    await database.stop();
    expect(existsSync(host!)).toBe(false);
  });
});

describe.runIf(asRoot)("as root", () => {
  test("a data directory in a closed folder is kept in /var/lib/messaging-plus, and the note says so", async () => {
    const closed = join(folder, "closed");
    await mkdir(closed, { mode: 0o700 });
    const database = await start(join(closed, "data"));
    const place = dirname(database.connection.host!);
    expect(dirname(place)).toBe("/var/lib/messaging-plus");
    expect(database.note).toContain(place);
    await query(database.connection, "CREATE TABLE kept AS SELECT 1 AS one");
    await database.stop();
    // Once there, it stays there: opened or not, the folder's database is the same.
    await chmod(closed, 0o755);
    const again = await start(join(closed, "data"));
    expect(again.note).toBe(database.note);
    expect(await query(again.connection, "SELECT one FROM kept")).toEqual([{ one: 1 }]);
    await again.stop();
    await removeDataDir(place);
  });

  test("binaries in a closed folder are copied to /var/lib/messaging-plus, and the data goes with them", async () => {
    const closed = join(folder, "closed");
    await mkdir(closed, { mode: 0o700 });
    const database = await start(join(folder, "data"), await binariesWithoutLinks(closed));
    expect(database.note).toContain("/var/lib/messaging-plus/");
    const command = await readFile(`/proc/${database.pid}/cmdline`, "utf8");
    expect(command).toMatch(/^\/var\/lib\/messaging-plus\/postgresql-18.4.0-test\/bin\/postgres\0/);
    await answers(database);
    await database.stop();
    await removeDataDir("/var/lib/messaging-plus/postgresql-18.4.0-test");
    await removeDataDir(dirname(database.connection.host!));
  });

  test("a database in a folder that was closed afterwards is not replaced by an empty one", async () => {
    const dataDir = join(folder, "data");
    await putDatabase(dataDir);
    await chmod(folder, 0o700);
    await expect(start(dataDir)).rejects.toThrow(/belongs to user \d+, who cannot enter/);
  });

  test("a socket folder that somebody else made is not used", async () => {
    const dataDir = join(folder, "data");
    await putDatabase(dataDir);
    await chmod(join(dataDir, "postgres", "run"), 0o777);
    await expect(start(dataDir)).rejects.toThrow("is not a folder that belongs to the database's user alone");
  });

  test("the database of an ordinary user is run as that user, and stays usable for that user", async () => {
    const dataDir = join(folder, "data");
    await putDatabase(dataDir);
    await promisify(execFile)("chown", ["-R", `${nobody.uid}:${nobody.gid}`, dataDir]);
    const database = await start(dataDir);
    expect((await stat(`/proc/${database.pid}`)).uid).toBe(nobody.uid);
    await database.stop();
    const again = await startProgram(dataDir, { user: nobody });
    await answers(again.started);
    await stop(again);
  });

  test("an ordinary user is told whose a database is that root made", async () => {
    const dataDir = join(folder, "data");
    await putDatabase(dataDir);
    await expect(startProgram(dataDir, { user: nobody })).rejects.toThrow(/belongs to user \d+, who alone can run it/);
  });

  test("the server runs as an unprivileged user, to whom its data belongs, and is recognized without the right to look into others' processes, as in a container", async () => {
    const dataDir = join(folder, "data");
    await putDatabase(dataDir);
    const { pid } = await start(dataDir);
    const owner = (await stat(join(dataDir, "postgres", "data"))).uid;
    expect(owner).toBeGreaterThan(0);
    expect((await stat(`/proc/${pid}`)).uid).toBe(owner);
    const module = await bundled(
      fileURLToPath(new URL("../../src/store/embedded/postmaster-file.ts", import.meta.url)),
    );
    const script = `
      const { readPostmasterFile } = await import(${JSON.stringify(module)});
      console.log(JSON.stringify(await readPostmasterFile(${JSON.stringify(join(dataDir, "postgres", "data"))})));`;
    const node = [process.execPath, "--input-type=module", "--eval", script];
    const output = execFileSync("setpriv", ["--bounding-set=-sys_ptrace", ...node], { encoding: "utf8" });
    expect(JSON.parse(output)).toMatchObject({ state: "running", pid });
  });
});

describe("whether a user may enter a folder", () => {
  test.each([
    [0o755, true],
    [0o711, true],
    [0o700, false],
    [0o744, false],
    [0o770, false],
  ])("is told by the mode of each folder above it: %o", async (mode, may) => {
    const above = await mkdtemp(join(folder, "above-"));
    await mkdir(join(above, "below"));
    await chmod(above, mode);
    expect(await mayEnter(join(above, "below"), { uid: 1234, gid: 1234 })).toBe(may);
  });
});

test("a data directory that is a file is refused with a reason", async () => {
  await writeFile(join(folder, "data"), "");
  await expect(start(join(folder, "data"))).rejects.toThrow(/EEXIST|ENOTDIR/);
});
