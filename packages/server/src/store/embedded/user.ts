import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EmbeddedDatabaseError } from "./error.ts";

/** Who the server runs as where we are root, which PostgreSQL refuses to be. */
export interface ServerUser {
  uid: number;
  gid: number;
}

/**
 * The unprivileged user of this machine for a database that is yet to be made: `postgres`, else `nobody`. It must stand
 * in /etc/passwd, for initdb looks its name up.
 */
export async function unprivilegedUser(): Promise<ServerUser> {
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const found = accounts.find(([name]) => name === wanted);
    const [uid, gid] = [Number(found?.[2]), Number(found?.[3])];
    if (uid > 0 && gid > 0) return { uid, gid };
  }
  throw new EmbeddedDatabaseError(
    "PostgreSQL does not run as root, and this machine has neither a user `postgres` nor `nobody` to run it as",
  );
}

/** Whether `user`, in no other group than its own, may enter the folder `path` and everything above it. */
export async function mayEnter(path: string, user: ServerUser): Promise<boolean> {
  let folder = await realpath(path);
  for (;;) {
    const { mode, uid, gid } = await stat(folder);
    const execute = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & execute) === 0) return false;
    const parent = dirname(folder);
    if (parent === folder) return true;
    folder = parent;
  }
}
