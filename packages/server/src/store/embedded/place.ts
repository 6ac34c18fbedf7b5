import { createHash } from "node:crypto";
import { chmod, chown, lstat, mkdir, realpath, rmdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Binaries, canLink, copyBinaries, linkBinaries } from "./binaries.ts";
import { EmbeddedDatabaseError } from "./error.ts";
import { mayEnter, type ServerUser, unprivilegedUser } from "./user.ts";

/** Where one embedded database lives, and what runs it. */
export interface Place {
  /** The folder of everything below; ours. */
  root: string;
  /** The PostgreSQL data directory; there once initdb is done. */
  data: string;
  /** The folder of the socket, closed to everyone but the server's user. */
  run: string;
  log: string;
  binaries: Binaries;
  /** null: the user that we are. */
  user: ServerUser | null;
  /** What the operator should know: where the data really is, if not in the folder that was named. */
  note: string | null;
}

/** Where both data and binaries go when the unprivileged user cannot reach the places that were meant. */
const RELOCATED = "/var/lib/messaging-plus";

/** Chooses and makes the folders for a database that belongs to `dataDir`. */
export async function choosePlace(dataDir: string, binaries: Binaries): Promise<Place> {
  const created = await mkdir(dataDir, { recursive: true });
  const asRoot = process.getuid?.() === 0;
  // Under a strict umask a folder made by root is closed, and the server's user must pass through this one.
  if (created !== undefined && asRoot) await chmod(dataDir, 0o711);
  const named = await realpath(dataDir);
  return asRoot ? placeForRoot(named, binaries) : placeForUser(named, binaries);
}

async function placeForUser(dataDir: string, binaries: Binaries): Promise<Place> {
  const root = join(dataDir, "postgres");
  const owner = await ownerOf(join(root, "data"));
  if (owner !== null && owner.uid !== process.getuid?.()) {
    throw new EmbeddedDatabaseError(`the database in ${root} belongs to user ${owner.uid}, who alone can run it`);
  }
  await mkdir(root, { recursive: true, mode: 0o700 });
  return place(root, await runnable(binaries, root), null, null);
}

async function placeForRoot(dataDir: string, binaries: Binaries): Promise<Place> {
  const near = join(dataDir, "postgres");
  const far = join(RELOCATED, digest(dataDir));
  const nearOwner = await ownerOf(join(near, "data"));
  // A database is run by whom it belongs to: then an ordinary user's stays usable for that user.
  const user = nearOwner ?? (await ownerOf(join(far, "data"))) ?? (await unprivilegedUser());
  if (user.uid === 0) throw new EmbeddedDatabaseError(`the database in ${near} belongs to root, who cannot run it`);
  const reachable = await mayEnter(dataDir, user);
  const runsInPlace = await mayEnter(join(binaries.folder, "bin"), user);
  if (nearOwner !== null && !reachable) {
    throw new EmbeddedDatabaseError(`the database in ${near} belongs to user ${user.uid}, who cannot enter ${dataDir}`);
  }
  const relocated = nearOwner === null && ((await ownerOf(join(far, "data"))) !== null || !reachable || !runsInPlace);
  const root = relocated ? far : near;
  if (relocated || !runsInPlace) await mkdirOpen(RELOCATED, 0o755);
  await mkdirOpen(root, 0o711);
  const note = relocated
    ? `PostgreSQL runs as user ${user.uid}, who cannot reach ${dataDir}: its data is in ${far}`
    : null;
  const ready = runsInPlace ? await runnable(binaries, root) : await copyBinaries(binaries, RELOCATED);
  return place(root, ready, user, note);
}

async function runnable(binaries: Binaries, root: string): Promise<Binaries> {
  const links = join(root, "libraries");
  return canLink(binaries, links) ? linkBinaries(binaries, links) : copyBinaries(binaries, root);
}

async function place(root: string, binaries: Binaries, user: ServerUser | null, note: string | null): Promise<Place> {
  const run = await socketFolder(root, user);
  return { root, data: join(root, "data"), run, log: join(root, "postgres.log"), binaries, user, note };
}

/**
 * The folder of the socket: beside the data, or a short one where that path would not fit a socket's address (108
 * bytes with its end on Linux, 104 on macOS: unix(7), unix(4)).
 */
async function socketFolder(root: string, user: ServerUser | null): Promise<string> {
  const beside = join(root, "run");
  if (fitsSocket(beside)) return privateFolder(beside, user);
  for (const parent of [tmpdir(), "/tmp"]) {
    const short = join(parent, `mplus-${digest(root)}`);
    if (fitsSocket(short) && (user === null || (await mayEnter(parent, user)))) return privateFolder(short, user);
  }
  throw new EmbeddedDatabaseError(`the path ${root} is too long for a socket, and so is that of ${tmpdir()}`);
}

/** Leaves nothing in the folder of temporary files once the server is down. */
export async function removeShortSocketFolder({ root, run }: Place): Promise<void> {
  if (run !== join(root, "run")) await rmdir(run).catch(() => {});
}

function fitsSocket(folder: string): boolean {
  return Buffer.byteLength(join(folder, ".s.PGSQL.5432")) <= (process.platform === "darwin" ? 103 : 107);
}

/** Makes the folder, or takes one that is already private to the server's user; never one that a stranger made. */
export async function privateFolder(path: string, user: ServerUser | null): Promise<string> {
  const made = await mkdir(path, { mode: 0o700 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      return false;
    },
  );
  if (made && user !== null) await chown(path, user.uid, user.gid);
  const { mode, uid } = await lstat(path);
  if ((mode & 0o170077) !== 0o040000 || uid !== (user?.uid ?? process.getuid?.())) {
    throw new EmbeddedDatabaseError(`${path} is not a folder that belongs to the database's user alone`);
  }
  return path;
}

/** Makes a folder that others may pass through, whatever the umask; one that is there keeps its mode. */
async function mkdirOpen(path: string, mode: number): Promise<void> {
  if ((await mkdir(path, { recursive: true })) !== undefined) await chmod(path, mode);
}

async function ownerOf(path: string): Promise<ServerUser | null> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function digest(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 12);
}
