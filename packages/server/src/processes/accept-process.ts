import type { AddressInfo } from "node:net";
import type { ClientConfig } from "pg";
import { Acceptor } from "../accept/acceptor.ts";
import { SenderOwners } from "../accept/sender-owners.ts";
import { SharedPool } from "../accept/shared-pool.ts";
import { Accounts } from "../account/accounts.ts";
import { Keys } from "../account/keys.ts";
import { Organizations } from "../account/organizations.ts";
import { SmppCredentials } from "../account/smpp-credentials.ts";
import type { Config } from "../config/config.ts";
import { buildApp, renewTls } from "../http/app.ts";
import { Authenticator } from "../http/authenticate.ts";
import type { AppOptions, Settings } from "../http/context.ts";
import { Requests } from "../http/requests.ts";
import { Turns } from "../http/turns.ts";
import { channelOf } from "../message/channel.ts";
import { addressPolicyOf } from "../network/policy.ts";
import { checkCallbackUrl } from "../network/url.ts";
import type { SmppDelivered } from "../notify/smpp/deliveries.ts";
import { routeLanguages } from "../route/languages.ts";
import { systemClock } from "../runtime/clock.ts";
import { asError, Rejected } from "../runtime/errors.ts";
import { InOneTurn } from "../runtime/in-one-turn.ts";
import { createLog, logUncaught, setLogLevel } from "../runtime/log.ts";
import { acceptMetrics, createRegistry, droppedSpans } from "../runtime/metrics.ts";
import { remembered } from "../runtime/remembered.ts";
import { letGoOfTerminal } from "../runtime/terminal.ts";
import { together } from "../runtime/together.ts";
import { withLimit } from "../runtime/with-limit.ts";
import { pauseCarrier } from "../store/carriers.ts";
import { PLAN_SETTINGS } from "../store/plan-settings.ts";
import { createPool } from "../store/pool.ts";
import { Wakeups, wakeOthers } from "../store/wakeups.ts";
import { StoreWatch } from "../store/watch.ts";
import {
  type Answered,
  type AnsweredDelivery,
  type Asked,
  type FromApi,
  type Limited,
  PipeHandOff,
  type Question,
  type Retune,
  type Task,
  type ToApi,
} from "./protocol.ts";
import { smppFrontDoor } from "./smpp-front-door.ts";
import { TraceExport } from "./trace-export.ts";
import { warmUpAccept } from "./warm-up.ts";

/** The first message of the main process to an accepting process. */
export interface ApiStart extends Retune {
  kind: "start";
  name: string;
  /** The port that an earlier process of this program listened on; null for the configured one. */
  port: number | null;
  /** The same for SMPP. */
  smppPort: number | null;
  database: ClientConfig;
  /** The folder of the embedded database; null for another one. */
  databaseFolder: string | null;
  readable: boolean;
  /** Whether it waits to be told before it listens. */
  waits: boolean;
}

/** Connections to the store, and how many of them may do other work than sending. */
const CONNECTIONS = 8;
const CONNECTIONS_IN_TURN = 4;
/** How long a stop waits for answers under way, in ms. */
const CLOSE_IDLE_MS = 200;
/** Time in which requests under way over SMPP are answered, and the binds ended, in ms. */
const CLOSE_BINDS_MS = 3_000;
/** An engine that answers no question within this time, in ms, has stopped. */
const ENGINE_ANSWER_MS = 5_000;
/** Time for a reload, in ms: it ends carriers' binds in order, and asks other programs. */
const RELOAD_MS = 60_000;

/** The process that accepts: HTTP on one side, the store and the engine's process on the other. */
async function run({
  name,
  port,
  smppPort,
  config,
  tls,
  smppTls,
  database,
  databaseFolder,
  readable,
  waits,
}: ApiStart): Promise<void> {
  const log = createLog({ level: config.log.level, name, readable });
  logUncaught(log);
  const send = (message: FromApi): void => void process.send?.(message, undefined, undefined, () => {});
  const pool = createPool(database, {
    max: CONNECTIONS,
    applicationName: `mplus ${name}`,
    sessionSettings: PLAN_SETTINGS,
  });
  const turns = new Turns(pool, CONNECTIONS_IN_TURN);
  const store = new StoreWatch({
    database,
    applicationName: `mplus ${name} watch`,
    log,
    pool,
    cutsHeld: true,
    folder: databaseFolder,
    minFreeBytes: config.database.minFreeBytes,
  });
  const handOff = new PipeHandOff(send, () => {
    wakeOthers(pool, "messages").catch((error: unknown) => log.debug({ err: asError(error) }, "nobody was woken"));
  });
  // A message that is marked before its submit needs a row of its own.
  const { unregistered, shared, sharedPerOrganization } = config.senders;
  const sharedPool = new SharedPool(pool, shared, sharedPerOrganization);
  const registry = createRegistry(name);
  const metrics = acceptMetrics(registry);
  const inBundles = config.messages.onUncertain === "resend";
  const acceptor = new Acceptor(pool, handOff, store, sharedPool, inBundles, metrics.accepted);
  const authenticator = new Authenticator(pool, log, config);
  const wakeups = new Wakeups(database, log, (wakeup) => {
    if (wakeup === "keys") authenticator.forget();
    if (wakeup === "keys" || wakeup === "smpp") recheckBinds();
    if (wakeup === "senders") senderOwners.forget();
  });
  const questions = new Questions(send);
  // At once in this program, and as soon as they hear of it in others.
  const keysChanged = async (): Promise<void> => {
    authenticator.forget();
    wakeOthers(pool, "keys").catch((error: unknown) => log.debug({ err: asError(error) }, "nobody was told"));
    // When an engine has not answered in time, the other processes no longer trust their keys anyway.
    await questions.ask({ kind: "forgetKeys" }).catch(() => {});
  };
  const senderOwners = new SenderOwners({ pool, clock: systemClock, unregistered, shared });
  const sendersChanged = async (): Promise<void> => {
    senderOwners.forget();
    await wakeOthers(pool, "senders");
  };
  // While the engine does not answer, requests are admitted uncounted.
  const takeToken = (of: Limited) => async (holder: string) =>
    Number(await questions.ask({ kind: "token", of, holder }).catch(() => 0));
  const spend = async (holder: string, count: number): Promise<void> => {
    await questions.ask({ kind: "spend", holder, count }).catch(() => {});
  };
  const settingsOf = (current: Config): Settings => {
    const policy = addressPolicyOf(current);
    const languages = routeLanguages(current.routes, current.carriers);
    const { requestsPerSecond, replaysPerMinute } = current.limits;
    return {
      config: current,
      languages,
      rules: {
        messages: current.messages,
        checkCallback: remembered((url: string) => checkCallbackUrl(url, policy)),
        channels: new Set(current.carriers.map(channelOf)),
        languagesTo: languages.to,
      },
      takeToken: requestsPerSecond === null ? null : takeToken("requests"),
      replays: replaysPerMinute === null ? null : { perMinute: replaysPerMinute, take: takeToken("replays"), spend },
    };
  };
  const frontDoor =
    config.smpp.port === null || !config.roles.includes("api")
      ? null
      : smppFrontDoor({
          config,
          tls: smppTls,
          pool,
          log,
          registry,
          acceptor,
          senderOwners,
          rules: () => appOptions.rules,
          isLimited: () => appOptions.takeToken !== null,
          databaseOf: (id) => turns.ofAccount(id),
          ask: (question) => questions.ask(question),
          send,
        });
  const recheckBinds = (): void => {
    frontDoor?.recheck().catch((error: unknown) => log.debug({ err: asError(error) }, "binds were not looked at"));
  };
  const inTurn = { databaseOf: (id: number) => turns.ofOrganization(id), clock: systemClock, keysChanged };
  const { url: tracingUrl } = config.tracing;
  const traces = tracingUrl === null ? null : new TraceExport(tracingUrl, name, config, log, droppedSpans(registry));
  const appOptions: AppOptions = {
    ...settingsOf(config),
    tls,
    pool,
    turns,
    log,
    clock: systemClock,
    store,
    requests: new Requests({ log, lines: config.log.requests, count: metrics.requests }),
    authenticator,
    acceptor,
    organizations: new Organizations(pool, systemClock, keysChanged),
    accounts: new Accounts(inTurn),
    keys: new Keys(inTurn),
    smppCredentials: new SmppCredentials(inTurn),
    senderOwners,
    sharedPool,
    sendersChanged,
    // Whoever reaches the port may ask these, and the engine has other things to do.
    metrics: together(async () => String(await questions.ask({ kind: "metrics" }).catch(() => registry.metrics()))),
    stuck: together(async () => String(await questions.ask({ kind: "stuck" }))),
    takeEvent: async (carrier, event) => (await questions.ask({ kind: "event", carrier, event })) === 1,
    pauseCarrier: async (id, paused) => {
      await pauseCarrier(pool, id, paused);
      await wakeOthers(pool, "carriers");
      await questions.ask({ kind: "refreshCarriers" });
    },
    reload: async () => JSON.parse(String(await questions.ask({ kind: "reload" }, RELOAD_MS))),
    binds: async () => JSON.parse(String(await questions.ask({ kind: "binds" }))),
    carriers: together(async () => JSON.parse(String(await questions.ask({ kind: "carriers" })))),
    whyWaiting: async (message) =>
      JSON.parse(String(await questions.ask({ kind: "waiting", message }).catch(() => null))),
    trace: traces === null ? null : (span) => traces.add(span),
    reference: {
      openApi: async () => (await import("../reference/document.ts")).OPENAPI_TEXT,
      page: async () => (await import("../reference/page.ts")).PAGE_TEXT,
    },
  };
  const { app, send: sendMessages } = buildApp(appOptions);

  const retune = (next: Retune): void => {
    const { senders, log: logged } = next.config;
    Object.assign(appOptions, settingsOf(next.config));
    setLogLevel(log, logged.level);
    senderOwners.retune(senders);
    sharedPool.retune(senders.shared, senders.sharedPerOrganization);
    if (next.tls !== null) renewTls(app.server, next.tls);
    if (next.smppTls !== null) frontDoor?.renewTls(next.smppTls);
  };
  const perform = async (task: Task): Promise<string> => {
    if (typeof task === "object") {
      retune(task);
      return "";
    }
    if (task === "answer") return "";
    if (task === "metrics") return registry.metrics();
    if (task === "binds") return JSON.stringify(frontDoor?.binds ?? []);
    authenticator.forget();
    return "";
  };
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    const idle = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_MS);
    await Promise.all([app.close(), frontDoor?.close(CLOSE_BINDS_MS)]);
    clearInterval(idle);
    await acceptor.drain();
    await traces?.stop();
    await wakeups.stop();
    await store.stop();
    await pool.end();
    process.disconnect();
    letGoOfTerminal();
  };
  let mayListen = (): void => {};
  const toldToListen = new Promise<void>((resolve) => {
    mayListen = resolve;
  });
  if (!waits) mayListen();
  const deliveries = new InOneTurn<AnsweredDelivery>((answers) => send({ kind: "delivered", answers }));
  process.on("message", (message: ToApi) => {
    if (message.kind === "engines") handOff.update(message.engines);
    else if (message.kind === "answers") {
      for (const answer of message.answers) questions.answered(answer);
    } else if (message.kind === "ask") {
      const { request, task } = message;
      void perform(task).then((value) => send({ kind: "done", request, value }));
    } else if (message.kind === "deliver") {
      for (const { request, delivery } of message.deliveries) {
        const { systemId, accountId, pdus } = delivery;
        const done = (delivered: SmppDelivered): void => deliveries.add({ request, delivered });
        if (frontDoor === null) done("unbound");
        else frontDoor.deliver(systemId, accountId, pdus, done);
      }
    } else if (message.kind === "listen") mayListen();
    else void stop();
  });
  // The main process is gone: nobody would restart this one or stop the database.
  process.on("disconnect", () => {
    if (!stopping) process.exit(1);
  });

  await store.start();
  await wakeups.start();
  // Not as a hook of Fastify's, which gives up a start that takes ten seconds on a busy machine.
  if (sendMessages !== null) {
    await warmUpAccept({ pool, log, send: sendMessages, bodyLimit: config.server.bodyLimitBytes });
  }
  await toldToListen;
  await app.listen({ host: config.server.host, port: port ?? config.server.port });
  const smpp = (await frontDoor?.listen(smppPort ?? (config.smpp.port as number), config.smpp.host)) ?? null;
  send({ kind: "listening", port: (app.server.address() as AddressInfo).port, smppPort: smpp });
}

/** Asks the engine's process. */
class Questions {
  readonly #asked: InOneTurn<Asked>;
  readonly #waiting = new Map<number, (value: string | number) => void>();
  #next = 0;

  constructor(send: (message: FromApi) => void) {
    this.#asked = new InOneTurn((asked) => send({ kind: "questions", asked }));
  }

  /** @throws Rejected `no-progress` if the engine does not answer */
  async ask(question: Question, patienceMs = ENGINE_ANSWER_MS): Promise<string | number> {
    const request = ++this.#next;
    const answer = new Promise<string | number>((resolve) => this.#waiting.set(request, resolve));
    this.#asked.add({ request, question });
    const value = await withLimit(answer, patienceMs);
    this.#waiting.delete(request);
    if (value === undefined) throw new Rejected("no-progress", "Work has stopped: the engine's event loop.");
    return value;
  }

  answered({ request, value }: Answered): void {
    this.#waiting.get(request)?.(value);
    this.#waiting.delete(request);
  }
}

// The main process says when to stop; a terminal's Ctrl-C, and its closing, reach all of a program's processes.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.send?.({ kind: "loaded" } satisfies FromApi);
process.on("message", function begin(first: ApiStart | ToApi) {
  if (first.kind === "stop") process.exit(0);
  // A message to all processes may come before the first one to this process.
  if (first.kind !== "start") return;
  process.off("message", begin);
  run(first).catch((error: unknown) => {
    const { message, code }: NodeJS.ErrnoException = asError(error);
    const failed: FromApi = { kind: "failed", message, code };
    process.send?.(failed, undefined, undefined, () => process.exit(1));
  });
});
