import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { CarrierConfig, Config } from "./config.ts";

/** Paths that another configuration changes in a running program; a carrier's by its id: `carriers.acme`. */
export interface ConfigChanges {
  /** Paths that count from now on. */
  changed: string[];
  /** Paths that count once the program is started again. */
  restart: string[];
}

/** The result of a reload: paths that count from now on and paths that need a restart, or why nothing has changed. */
export type ReloadAnswer =
  | ({ kind: "reloaded" } & ConfigChanges)
  | { kind: "refused"; detail: string; faults: { path: string; message: string }[] };

/** Groups, and single keys, that a running program can change. */
const RELOADABLE = ["routes", "senders", "limits", "callbacks", "log.level", "server.tls"] as const;

/** The configuration that counts once `next` is taken in, and the changes. */
export function changesOf(
  before: Config,
  next: Config,
  filesBefore: FilePrints,
  filesNext: FilePrints,
): ConfigChanges & { config: Config } {
  const changed: string[] = [];
  const restart: string[] = [];
  const known = new Map(before.carriers.map((carrier) => [carrier.id, carrier]));
  for (const carrier of next.carriers) {
    const same = isDeepStrictEqual(known.get(carrier.id), carrier) && samePrints(carrier, filesBefore, filesNext);
    if (!same) changed.push(`carriers.${carrier.id}`);
    known.delete(carrier.id);
  }
  changed.push(...[...known.keys()].map((id) => `carriers.${id}`));
  const order = (config: Config) => config.carriers.map(({ id }) => id);
  if (changed.length === 0 && !isDeepStrictEqual(order(before), order(next))) changed.push("carriers");
  for (const path of differing(before, next)) {
    if (path === "carriers" || path.startsWith("carriers.")) continue;
    const reloadable = RELOADABLE.some((one) => path === one || path.startsWith(`${one}.`));
    (reloadable ? changed : restart).push(path);
  }
  const { cert, key } = next.server.tls;
  const renewed = [cert, key].some((file) => file !== null && filesBefore.get(file) !== filesNext.get(file));
  const isTls = (path: string) => path.startsWith("server.tls");
  if (renewed && !changed.some(isTls)) changed.push("server.tls");
  // A change between HTTP and HTTPS needs another server.
  const otherServer = (cert === null) !== (before.server.tls.cert === null);
  if (otherServer) restart.push(...changed.filter(isTls));
  const tls = otherServer ? before.server.tls : next.server.tls;
  const { carriers, routes, senders, limits, callbacks } = next;
  const config: Config = {
    ...before,
    carriers,
    routes,
    senders,
    limits,
    callbacks,
    log: { ...before.log, level: next.log.level },
    server: { ...before.server, tls },
  };
  return { changed: otherServer ? changed.filter((path) => !isTls(path)) : changed, restart, config };
}

/** The content of each file that a configuration names, as a hash. */
export type FilePrints = ReadonlyMap<string, string>;

export function filePrints({ server, carriers }: Config): FilePrints {
  const files = [server.tls.cert, server.tls.key, ...carriers.flatMap(filesOf)];
  return new Map(files.flatMap((file) => (file === null ? [] : [[file, print(file)]])));
}

/** The files of a carrier: its certificates, or its credentials. */
export function filesOf(carrier: CarrierConfig): (string | null)[] {
  if (carrier.type === "rcs") return [carrier.credentialsFile];
  return carrier.type === "smpp" && typeof carrier.tls === "object"
    ? [carrier.tls.ca, carrier.tls.cert, carrier.tls.key]
    : [];
}

function samePrints(carrier: CarrierConfig, before: FilePrints, next: FilePrints): boolean {
  return filesOf(carrier).every((file) => file === null || before.get(file) === next.get(file));
}

function print(file: string): string {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch {
    return "";
  }
}

/** The keys with different values, groups by their keys and lists as a whole. */
function differing(one: object, other: object, prefix = ""): string[] {
  return Object.entries(other).flatMap(([name, value]) => {
    const before = (one as Record<string, unknown>)[name];
    const group = isGroup(value) && isGroup(before);
    if (group) return differing(before, value, `${prefix}${name}.`);
    return isDeepStrictEqual(before, value) ? [] : [`${prefix}${name}`];
  });
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
