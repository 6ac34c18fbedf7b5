import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { isObject } from "../runtime/is-object.ts";
import type { CarrierConfig, Config } from "./config.ts";

/** Paths that another configuration changes in a running program; a carrier's by its id: `carriers.acme`. */
export interface ConfigChanges {
  /** Paths that count from now on. */
  changed: string[];
  /** Paths that count once the program is started again. */
  restart: string[];
}

/** The result of a reload: paths that count from now on and paths that need a restart, or why nothing has changed. */
export type ReloadAnswer = ({ kind: "reloaded" } & ConfigChanges) | Refused;

interface Refused {
  kind: "refused";
  detail: string;
  faults: { path: string; message: string }[];
}

/** The answer of another program on the store to a reload. */
export interface OtherReload extends ConfigChanges {
  host: string;
  pid: number;
  /** `refused`: its configuration has a fault, and nothing has changed there; `silent`: it did not answer. */
  state: "reloaded" | "refused" | "silent";
  /** In words, unless it reloaded. */
  detail: string | null;
  errors: { path: string; message: string }[];
}

/** The result of a reload here and, where it counts here, in the other programs on the store. */
export type ToldReload = (Extract<ReloadAnswer, { kind: "reloaded" }> & { others: OtherReload[] }) | Refused;

/** Groups, and single keys, that a running program can change, beside its carriers and the certificates of its servers. */
const RELOADABLE = ["engines", "routes", "senders", "limits", "callbacks", "log.level"];
const SERVERS = ["server", "smpp"] as const;
type Server = (typeof SERVERS)[number];

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
  // A change between plain and TLS, or of whether clients need a certificate, needs another server.
  const renewable = SERVERS.filter((server) => tlsKind(before, server) === tlsKind(next, server));
  const reloadables = [...RELOADABLE, ...renewable.map((server) => `${server}.tls`)];
  for (const path of differing(before, next)) {
    if (path === "carriers" || path.startsWith("carriers.")) continue;
    const reloadable = reloadables.some((one) => path === one || path.startsWith(`${one}.`));
    (reloadable ? changed : restart).push(path);
  }
  for (const server of renewable) {
    const renewed = tlsFilesOf(next, server).some((file) => filesBefore.get(file) !== filesNext.get(file));
    if (renewed && !changed.some((path) => path.startsWith(`${server}.tls`))) changed.push(`${server}.tls`);
  }
  const { engines, carriers, routes, senders, limits, callbacks } = next;
  const config: Config = {
    ...before,
    engines,
    carriers,
    routes,
    senders,
    limits,
    callbacks,
    log: { ...before.log, level: next.log.level },
    server: { ...before.server, tls: (renewable.includes("server") ? next : before).server.tls },
    smpp: { ...before.smpp, tls: (renewable.includes("smpp") ? next : before).smpp.tls },
  };
  return { changed, restart, config };
}

function tlsKind(config: Config, server: Server): "plain" | "tls" | "mutual" {
  if (tlsFilesOf(config, server).length === 0) return "plain";
  return server === "smpp" && config.smpp.tls?.ca !== undefined ? "mutual" : "tls";
}

function tlsFilesOf(config: Config, server: Server): string[] {
  const { cert, key, ca } = { ca: null, cert: null, key: null, ...config[server].tls };
  return [cert, key, ca].flatMap((file) => file ?? []);
}

/** The content of each file that a configuration names, as a hash. */
export type FilePrints = ReadonlyMap<string, string>;

export function filePrints(config: Config): FilePrints {
  const files = [...SERVERS.flatMap((server) => tlsFilesOf(config, server)), ...config.carriers.flatMap(filesOf)];
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
  return Object.keys({ ...other, ...one }).flatMap((name) => {
    const [before, value] = [one, other].map((side) => (side as Record<string, unknown>)[name]);
    const group = isObject(value) && isObject(before);
    if (group) return differing(before, value, `${prefix}${name}.`);
    return isDeepStrictEqual(before, value) ? [] : [`${prefix}${name}`];
  });
}
