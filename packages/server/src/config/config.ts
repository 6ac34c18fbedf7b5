import { resolve } from "node:path";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { addressPolicy } from "../network/address.ts";
import { faultsOf, withoutFaulty } from "../runtime/faults.ts";
import { faultOfPostgresUrl } from "../runtime/postgres-url.ts";
import { readServerTls, readSmppTls, TlsFileFault } from "../runtime/tls-files.ts";
import { Carrier, carrierFaults, carrierNames, Route, withPaths } from "./carriers.ts";
import { engineFaults } from "./engines.ts";
import { environmentFaults } from "./environment.ts";
import { applyEnvironment, set, withDefaults } from "./fill.ts";
import { ConfigError, type ConfigSources, PREFIX, REACH_DEFAULTS, readConfigFile } from "./given.ts";
import { withPresets } from "./http-presets/index.ts";
import { oneOf, port, type Sound, seconds, strict } from "./kinds.ts";

/**
 * The configuration: a JSON file, each scalar of it also as an environment variable, which wins. Durations are seconds.
 * Every key has a default.
 */

const key = Type.Union([Type.String({ pattern: "^[0-9a-f]{32}$" }), Type.Null()], {
  default: null,
  description: "32 lower-case hexadecimal characters",
});
const path = Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null });
/** Seconds. Seven days: no known carrier keeps a message longer, and the match of receipts looks back no further. */
export const MAX_VALIDITY = 604_800;
/** Words by which handsets opt out (47 CFR 64.1200(a)(10)), and in again. */
export const OPT_OUT_WORDS = [
  "STOP",
  "STOPALL",
  "STOP ALL",
  "UNSUBSCRIBE",
  "CANCEL",
  "END",
  "QUIT",
  "REVOKE",
  "OPTOUT",
  "OPT OUT",
];
export const OPT_IN_WORDS = ["START", "UNSTOP", "YES"];
/** Letters and digits, because everything around a word is ignored. */
const OptWord = Type.String({ pattern: "^[\\p{L}\\p{N}]+( [\\p{L}\\p{N}]+)*$", maxLength: 40 });

const ROLES = ["api", "carrier", "webhooks"] as const;

const Config = Type.Object(
  {
    server: Type.Object(
      {
        host: Type.String({ minLength: 1, default: REACH_DEFAULTS.host }),
        port: port(REACH_DEFAULTS.port),
        workers: Type.Union([Type.Literal("auto"), Type.Integer({ minimum: 1, maximum: 256 })], { default: "auto" }),
        bodyLimitBytes: Type.Integer({ minimum: 1024, maximum: 1 << 30, default: 8_388_608 }),
        unknownFields: oneOf(["refuse", "ignore"], "refuse"),
        publicUrl: Type.Union([Type.String({ pattern: "^https?://[^\\s/?#@]+(/[^\\s?#]*[^\\s?#/])?$" }), Type.Null()], {
          default: null,
        }),
        tls: Type.Object({ cert: path, key: path }, strict),
      },
      strict,
    ),
    database: Type.Object(
      {
        url: Type.Union([Type.String(), Type.Null()], { default: null }),
        // A name as PostgreSQL keeps it, at most 63 octets (its manual, §4.1.1); names with pg_ are its own.
        schema: Type.Union([Type.String({ pattern: "^(?!pg_)[\\x21-\\x7e]{1,63}$" }), Type.Null()], { default: null }),
        minFreeBytes: Type.Integer({ minimum: 0, default: 536_870_912 }),
      },
      strict,
    ),
    engines: Type.Union([Type.Literal("auto"), Type.Integer({ minimum: 1, maximum: 64 })], { default: "auto" }),
    dataDir: Type.String({ minLength: 1, default: REACH_DEFAULTS.dataDir }),
    network: oneOf(["any", "loopback"], "any"),
    // The value of a header; blanks at its ends would be lost, and the signature would not match.
    environment: Type.String({ pattern: "^[!-~]([ -~]*[!-~])?$", default: "production" }),
    organizationKey: key,
    accountKey: key,
    operatorKey: key,
    metrics: Type.Object({ key }, strict),
    limits: Type.Object(
      {
        requestsPerSecond: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], { default: null }),
        burst: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], { default: null }),
        replaysPerMinute: Type.Union([Type.Number({ minimum: 0.06 }), Type.Null()], { default: 6_000 }),
      },
      strict,
    ),
    roles: Type.Array(oneOf(ROLES, "api"), { minItems: 1, uniqueItems: true, default: [...ROLES] }),
    log: Type.Object(
      {
        level: oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"], "info"),
        format: oneOf(["auto", "json", "text"], "auto"),
        requests: oneOf(["none", "errors", "all"], "errors"),
      },
      strict,
    ),
    senders: Type.Object(
      {
        unregistered: oneOf(["allow", "refuse"], "allow"),
        shared: Type.Array(Type.String({ pattern: "^\\+?[1-9][0-9]{2,14}$" }), { uniqueItems: true, default: [] }),
        sharedPerOrganization: Type.Integer({ minimum: 1, default: 5 }),
        optOut: oneOf(["shared", "all", "off"], "shared"),
        optOutWords: Type.Array(OptWord, { default: OPT_OUT_WORDS }),
        optInWords: Type.Array(OptWord, { default: OPT_IN_WORDS }),
      },
      strict,
    ),
    smpp: Type.Object(
      {
        host: Type.String({ minLength: 1, default: "127.0.0.1" }),
        port: Type.Union([Type.Integer({ minimum: 0, maximum: 65_535 }), Type.Null()], { default: null }),
        tls: Type.Union(
          [
            Type.Object(
              {
                cert: Type.String({ minLength: 1 }),
                key: Type.String({ minLength: 1 }),
                ca: Type.Optional(Type.String({ minLength: 1 })),
              },
              strict,
            ),
            Type.Null(),
          ],
          { default: null },
        ),
        enquireLink: seconds(60, 0.05),
        idle: seconds(300, 0.05),
        keepReceipts: Type.Number({ minimum: 0, default: 259_200 }),
      },
      strict,
    ),
    callbacks: Type.Object(
      {
        retryDelays: Type.Array(Type.Number({ minimum: 0 }), { maxItems: 20, default: [5, 60, 600, 3600, 21600] }),
        timeout: seconds(10, 0.01),
        perEndpoint: Type.Integer({ minimum: 1, maximum: 100_000, default: 256 }),
        inFlight: Type.Integer({ minimum: 1, maximum: 100_000, default: 1024 }),
        allowPrivateAddresses: Type.Union([Type.Literal("auto"), Type.Boolean()], { default: "auto" }),
        allowNetworks: Type.Array(Type.String(), { default: [] }),
        proxy: Type.Union([Type.String({ pattern: "^http://[^\\s]+$" }), Type.Null()], { default: null }),
      },
      strict,
    ),
    messages: Type.Object(
      {
        validity: Type.Number({ exclusiveMinimum: 0, maximum: MAX_VALIDITY, default: 172_800 }),
        receiptMargin: Type.Number({ minimum: 0, default: 3600 }),
        hideCarriers: Type.Boolean({ default: false }),
        fallbackAfter: Type.Number({ exclusiveMinimum: 0, maximum: MAX_VALIDITY, default: 300 }),
        onUncertain: oneOf(["resend", "fail"], "resend"),
        maxParts: Type.Integer({ minimum: 1, maximum: 255, default: 10 }),
        retention: Type.Union([Type.Number({ minimum: 1 }), Type.Null()], { default: null }),
      },
      strict,
    ),
    tracing: Type.Object(
      {
        url: Type.Union([Type.String({ pattern: "^https?://[^\\s/?#@]+(/[^\\s?#]*[^\\s?#/])?$" }), Type.Null()], {
          default: null,
        }),
        sample: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
      },
      strict,
    ),
    stats: Type.Object({ retention: Type.Number({ minimum: 1, default: 34_560_000 }) }, strict),
    carriers: Type.Array(Carrier, {
      default: [{ id: "simulator", type: "simulator", receiptDelay: 1, nationalLanguages: [] }],
    }),
    routes: Type.Array(Route, { default: [] }),
  },
  strict,
);

export type Config = Static<typeof Config>;
export type {
  CarrierConfig,
  Failover,
  RcsCarrierConfig,
  RouteConfig,
  SimulatorConfig,
  SmppCarrierConfig,
} from "./carriers.ts";

/** Reads, merges and validates. @throws ConfigError with every fault at once */
export function loadConfig(sources: ConfigSources): Config {
  const faults = environmentFaults(Config, sources.env);
  const merged = readConfigFile(sources);
  applyEnvironment(Config, merged, PREFIX, sources.env);
  const { DATABASE_URL: url, MPLUS_DATABASE_URL: ownUrl } = sources.env;
  // An empty variable, as composed environments have it, is none.
  if (url !== undefined && url !== "" && ownUrl === undefined) set(merged, "database", "url", url);
  const { roles, dataDir, host, port: portNumber } = sources.overrides ?? {};
  if (roles !== undefined) merged.roles = roles;
  if (dataDir !== undefined) merged.dataDir = dataDir;
  if (host !== undefined) set(merged, "server", "host", host);
  if (portNumber !== undefined) set(merged, "server", "port", portNumber);
  merged.carriers = withPresets(merged.carriers);
  const filled = withDefaults(Config, merged);
  const check = Compile(Config);
  const errors = check.Check(filled) ? [] : check.Errors(filled);
  for (const fault of faultsOf(errors)) faults.push(`${fault.path}: ${fault.message}`);
  // Taken before carriers with a fault are taken out.
  const names = carrierNames((filled as { carriers: unknown }).carriers);
  const sound: Sound<Config> = withoutFaulty(filled as Config, errors);
  faults.push(...crossFaults(sound), ...carrierFaults(sound, names, sources.cwd), ...tlsFaults(sound, sources.cwd));
  faults.push(...smppTlsFaults(sound, sources.cwd), ...engineFaults(sound));
  if (faults.length > 0) throw new ConfigError(`The configuration is not valid.\n  ${faults.join("\n  ")}`);
  const config = filled as Config;
  const { senders } = config;
  const shared = [...new Set(senders.shared.map((number) => number.replace("+", "")))];
  const carriers = config.carriers.map((carrier) => withPaths(carrier, sources.cwd));
  const { cert, key: keyFile } = config.server.tls;
  const tls = {
    cert: cert && resolve(sources.cwd, cert),
    key: keyFile && resolve(sources.cwd, keyFile),
  };
  return {
    ...config,
    server: { ...config.server, tls },
    smpp: { ...config.smpp, tls: config.smpp.tls === null ? null : absolute(config.smpp.tls, sources.cwd) },
    dataDir: resolve(sources.cwd, config.dataDir),
    senders: { ...senders, shared },
    carriers,
  };
}

/** Faults between fields that are valid by themselves. */
function crossFaults({ callbacks, database, metrics, ...keys }: Sound<Config>): string[] {
  const { organizationKey, accountKey, operatorKey } = keys;
  const faults: string[] = [];
  const urlFault = database?.url == null ? null : faultOfPostgresUrl(database.url);
  if (urlFault !== null) faults.push(`database.url: ${urlFault}`);
  callbacks?.allowNetworks?.forEach((network, index) => {
    if (network !== undefined && !isNetwork(network))
      faults.push(`callbacks.allowNetworks[${index}]: "${network}" is neither a network nor an address`);
  });
  if (organizationKey != null && organizationKey === accountKey) {
    faults.push("accountKey: must differ from organizationKey");
  }
  if (operatorKey != null && (operatorKey === organizationKey || operatorKey === accountKey)) {
    faults.push("operatorKey: must differ from organizationKey and accountKey");
  }
  // This key stands in the configuration of a metrics collector, and must open nothing else.
  if (metrics?.key != null && [organizationKey, accountKey, operatorKey].includes(metrics.key)) {
    faults.push("metrics.key: must differ from the other keys");
  }
  return faults;
}

/** A certificate without its key or a key without its certificate, and faults of their files. */
function tlsFaults({ server }: Sound<Config>, cwd: string): string[] {
  const { cert, key } = server?.tls ?? {};
  if (cert === undefined || key === undefined || (cert === null && key === null)) return [];
  if (key === null) return ["server.tls.cert: needs its key, server.tls.key"];
  if (cert === null) return ["server.tls.key: needs its certificate, server.tls.cert"];
  return tlsFileFaults("server.tls", () => readServerTls({ cert: resolve(cwd, cert), key: resolve(cwd, key) }));
}

/** Faults of the files of `smpp.tls`. */
function smppTlsFaults({ smpp }: Sound<Config>, cwd: string): string[] {
  const { cert, key, ca } = smpp?.tls ?? {};
  if (cert === undefined || key === undefined) return [];
  return tlsFileFaults("smpp.tls", () =>
    readSmppTls(absolute({ cert, key, ...(ca === undefined ? {} : { ca }) }, cwd)),
  );
}

function tlsFileFaults(path: string, read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof TlsFileFault) return [`${path}.${error.at}: ${error.message}`];
    throw error;
  }
}

function absolute<Files extends { cert: string; key: string; ca?: string }>(files: Files, cwd: string): Files {
  const entries = Object.entries(files).map(([name, file]) => [name, resolve(cwd, file)]);
  return Object.fromEntries(entries) as Files;
}

function isNetwork(text: string): boolean {
  try {
    addressPolicy({ allowPrivateAddresses: false, allowLoopback: false, onlyLoopback: false, allowNetworks: [text] });
    return true;
  } catch {
    return false;
  }
}
