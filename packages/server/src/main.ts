import { mkdir } from "node:fs/promises";
import type { ClientConfig, Pool } from "pg";
import { ensureDefaults } from "./account/defaults.ts";
import type { DefaultKeys } from "./account/keys-file.ts";
import { filePrints, type ToldReload } from "./config/changes.ts";
import type { Config } from "./config/config.ts";
import { embeddedConnections } from "./config/engines.ts";
import { workersOf } from "./config/workers.ts";
import { mustBeFree } from "./network/free-port.ts";
import { AcceptPool } from "./processes/accept-pool.ts";
import { EnginePool } from "./processes/engine-pool.ts";
import { type LoadingAcceptor, loadAcceptor } from "./processes/loading-acceptor.ts";
import { DRAIN_MS, START_PATIENCE_MS, storeOf } from "./processes/make-engine.ts";
import { OtherPrograms } from "./processes/other-programs.ts";
import { reloading } from "./processes/reloading.ts";
import { systemClock } from "./runtime/clock.ts";
import { asError } from "./runtime/errors.ts";
import { LastingFault } from "./runtime/lasting-fault.ts";
import type { Logger } from "./runtime/log.ts";
import { readServerTls, readSmppTls, type ServerTls, type SmppTls } from "./runtime/tls-files.ts";
import { TokenBuckets } from "./runtime/token-buckets.ts";
import { accountNumbers } from "./store/accounts/accounts.ts";
import { refoldSenders } from "./store/accounts/senders.ts";
import { enterCarriers } from "./store/carriers.ts";
import type { StoreConfig } from "./store/client.ts";
import { type EmbeddedDatabase, startEmbedded } from "./store/embedded/embedded.ts";
import { standbyAway } from "./store/held.ts";
import { persistently } from "./store/retry.ts";
import { MIGRATIONS, migrate } from "./store/upkeep/migrate.ts";
import { Wakeups } from "./store/wakeups.ts";

/** The running program. */
export interface Program {
  /** Its URL. */
  url: string;
  /** The address at which customers bind over SMPP; null without an SMPP server. */
  smpp: string | null;
  keys: DefaultKeys;
  /** Further sentences for the start text. */
  notes: string[];
  /** Reads the configuration anew: all of it, or nothing if it has a fault. Other programs on the store do the same then. */
  reload(): Promise<ToldReload>;
  /** Resolves with whether everything ended in order. */
  stop(): Promise<boolean>;
}

/**
 * One program: the database, this process with the first engine (send → receipt → notify), the processes that accept, and those
 * with further engines. They take work in that order; stopped so that nothing is accepted any more before the engines end.
 */
export async function start(
  config: Config,
  log: Logger,
  readable: boolean,
  reread: () => Promise<Config>,
): Promise<Program> {
  // If the port is taken nothing begins: no carrier is bound, and no message claimed.
  await mustBeFree(config.server.host, config.server.port, "server.port");
  const takesSmpp = config.smpp.port !== null && config.roles.includes("api");
  if (takesSmpp) await mustBeFree(config.smpp.host, config.smpp.port as number, "smpp.port");
  // The accepting processes load and prepare while the store and the engine start, which takes as long.
  const loading = Array.from({ length: workersOf(config) }, () => loadAcceptor(log));
  // Then the database: whatever the umask, its folder must be reachable for its own user.
  const embedded = config.database.url === null ? await startDatabase(config, log) : null;
  await mkdir(config.dataDir, { recursive: true });
  try {
    return await startOn(config, log, readable, reread, embedded, loading);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function startOn(
  config: Config,
  log: Logger,
  readable: boolean,
  reread: () => Promise<Config>,
  embedded: EmbeddedDatabase | null,
  loading: LoadingAcceptor[],
): Promise<Program> {
  const { url, schema } = config.database;
  const server: ClientConfig = embedded?.connection ?? { connectionString: url as string };
  const database: StoreConfig = schema === null ? server : { ...server, schema };
  const databaseFolder = embedded?.folder ?? null;
  const { minFreeBytes } = config.database;
  const { pool, store } = storeOf("engine", { database, folder: databaseFolder, minFreeBytes, log });
  const configured = { organizationKey: config.organizationKey, accountKey: config.accountKey };
  // Our own database may die during the start; it is started again, and waited for.
  const patience = embedded === null ? AbortSignal.abort() : AbortSignal.timeout(START_PATIENCE_MS);
  await persistently(log, patience, () => migrate(database, MIGRATIONS, (level, message) => log[level](message)));
  await store.start();
  const held = new Promise<never>((_, refuse) => store.onHeld(() => refuse(standbyAway())));
  const orHeld = <Result>(work: Promise<Result>): Promise<Result> =>
    Promise.race([work, held]).catch(async (error: unknown) => {
      await store.stop();
      throw error;
    });
  const entering = persistently(log, patience, async () => {
    await refoldSenders(pool);
    const defaults = await ensureDefaults(pool, configured, config.dataDir, systemClock.now());
    return { defaults, ...(await namedIn(config, pool)) };
  });
  const { defaults, accounts, carriers } = await orHeld(entering);
  for (const note of defaults.notes) log.warn(note);
  log.info({ database: embedded === null ? "as configured" : "embedded" }, "started: the store");

  let { port } = config.server;
  const files = filePrints(config);
  const engines = new EnginePool({
    reloaded: { config, carrierNumbers: carriers, accounts, files },
    pool,
    store,
    log,
    publicUrl: () => config.server.publicUrl ?? ownUrl(config, port),
    deliver: (delivery) => api.deliver(delivery),
    onStates: (states) => api.tell(states),
    database,
    readable,
  });
  let buckets = bucketsOf(config);
  // Read once: a process that is restarted later has the same.
  const tls = tlsOf(config);
  const smppTls = smppTlsOf(config);
  const api = new AcceptPool({
    loading,
    start: { config, tls, smppTls, database, databaseFolder, readable },
    log,
    engines,
    cancel: async (message) => (await engines.cancel(message)) || others.cancel(message),
    bindsElsewhere: () => others.binds(),
    takeToken: (of, holder) => buckets[of]?.take(holder) ?? 0,
    spendReplays: (holder, count) => buckets.replays?.spend(holder, count),
    reload: () => reloadAndTell(),
  });
  const reload = reloading({
    config,
    files,
    log,
    reread,
    apply: async (next, nextFiles) => {
      const { accounts, carriers: carrierNumbers } = await namedIn(next, pool);
      const servers = { tls: tlsOf(next), smppTls: smppTlsOf(next) };
      buckets = bucketsOf(next);
      await api.retune({ config: next, ...servers });
      await engines.reload({ config: next, carrierNumbers, accounts, files: nextFiles });
    },
  });
  const others = new OtherPrograms({
    pool,
    log,
    node: () => engines.first.node,
    reload: () => reload({ quiet: true }),
    cancel: (message) => engines.cancel(message),
    binds: () => api.binds(),
  });
  const reloadAndTell = async (): Promise<ToldReload> => {
    const answer = await reload();
    return answer.kind === "reloaded" ? { ...answer, others: await others.reload() } : answer;
  };
  const wakeups = new Wakeups(database, log, (wakeup) => {
    if (!others.heard(wakeup)) engines.first.heard(wakeup);
  });
  api.prepare();
  await orHeld(engines.first.start(patience));
  await wakeups.start();
  log.info({ roles: config.roles, carriers: [...carriers.keys()] }, "started: the engine, which binds to its carriers");
  port = await api.listen();
  log.info({ host: config.server.host, port }, "started: the processes that accept");
  await orHeld(engines.startFurther());

  const stop = async (): Promise<boolean> => {
    const deadline = systemClock.now() + DRAIN_MS;
    try {
      await api.stop(DRAIN_MS);
      await wakeups.stop();
      await engines.stop(deadline);
      await store.stop();
      await pool.end();
      return (await embedded?.stop()) ?? true;
    } catch (error) {
      log.error({ err: asError(error) }, "the program did not end in order");
      await embedded?.stop();
      return false;
    }
  };
  const notes = [...(embedded?.note ? [embedded.note] : []), ...defaults.notes];
  return {
    url: ownUrl(config, port),
    smpp: smppAddress(config, api.smppPort),
    keys: defaults.keys,
    notes,
    reload: reloadAndTell,
    stop,
  };
}

function ownUrl({ server }: Config, port: number): string {
  return `${server.tls.cert === null ? "http" : "https"}://${hostOf(server.host)}:${port}`;
}

/** The address at which customers bind; null without an SMPP server. */
function smppAddress({ smpp }: Config, port: number | null): string | null {
  return port === null ? null : `${hostOf(smpp.host)}:${port}${smpp.tls === null ? "" : " over TLS"}`;
}

/** Our own database; if it dies alone it is started again. */
async function startDatabase(config: Config, log: Logger): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({
    dataDir: config.dataDir,
    log: (level, message) => log[level](message),
    settings: { max_connections: String(embeddedConnections(config)) },
  });
  const what = "the database could not be started again; tried again each second";
  const fault = new LastingFault({ log, what, level: "error", endsWhenQuiet: false });
  const restart = (): void => {
    database.restart().then(
      () => fault.over(),
      (error: unknown) => {
        fault.happened({ err: asError(error) });
        setTimeout(restart, 1_000);
      },
    );
  };
  database.onExit((reason) => {
    log.error({ reason }, "the database died; it is started again");
    restart();
  });
  return database;
}

function hostOf(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The store's numbers of the carriers and accounts that a configuration names; new carriers are stored. */
async function namedIn({ carriers, routes }: Config, pool: Pool) {
  const entered = await enterCarriers(
    pool,
    carriers.map(({ id }) => id),
  );
  const accounts = await accountNumbers(
    pool,
    routes.flatMap(({ account }) => account ?? []),
  );
  return { accounts, carriers: new Map(entered.map((carrier) => [carrier.id, carrier])) };
}

function tlsOf({ server }: Config): ServerTls | null {
  const { cert, key } = server.tls;
  return cert === null || key === null ? null : readServerTls({ cert, key });
}

function smppTlsOf({ smpp }: Config): SmppTls | null {
  return smpp.tls === null ? null : readSmppTls(smpp.tls);
}

/** Null without limits. */
function bucketsOf({ limits }: Config): Record<"requests" | "replays", TokenBuckets | null> {
  const { requestsPerSecond, burst, replaysPerMinute } = limits;
  const of = (perSecond: number | null, most: number) =>
    perSecond === null ? null : new TokenBuckets(perSecond, most, systemClock);
  return {
    requests: of(requestsPerSecond, burst ?? Math.ceil(requestsPerSecond ?? 0)),
    replays: of(replaysPerMinute === null ? null : replaysPerMinute / 60, Math.ceil(replaysPerMinute ?? 0)),
  };
}
