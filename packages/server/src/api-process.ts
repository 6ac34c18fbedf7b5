import type { AddressInfo } from "node:net";
import type { ClientConfig } from "pg";
import { Acceptor } from "./accept/accept.ts";
import { buildApp } from "./accept/app.ts";
import { Authenticator } from "./accept/authenticate.ts";
import type { Config } from "./config.ts";
import { type FromApi, PipeHandOver, type ToApi } from "./hand-over.ts";
import { addressPolicyOf } from "./network/policy.ts";
import { checkCallbackUrl } from "./network/url.ts";
import { systemClock } from "./runtime/clock.ts";
import { asError } from "./runtime/errors.ts";
import { createLog } from "./runtime/log.ts";
import { createRegistry } from "./runtime/metrics.ts";
import { PLAN_SETTINGS } from "./store/plan-settings.ts";
import { createPool } from "./store/pool.ts";
import { Wakeups, wakeOthers } from "./store/wakeups.ts";

/** What the main process gives an accepting process to begin with. */
export interface ApiStart {
  name: string;
  /** The port that an earlier process of this program listened on; null for the configured one. */
  port: number | null;
  config: Config;
  database: ClientConfig;
  readable: boolean;
}

/** Answers that are under way are waited for at most this long when the program stops. */
const CLOSE_IDLE_MS = 200;

/** The process that accepts: HTTP on one side, the store and the engine's process on the other. */
async function run({ name, port, config, database, readable }: ApiStart): Promise<void> {
  const log = createLog({ level: config.log.level, name, readable });
  const send = (message: FromApi): void => void process.send?.(message, undefined, undefined, () => {});
  const pool = createPool(database, { max: 8, applicationName: `mplus ${name}`, sessionSettings: PLAN_SETTINGS });
  const handOver = new PipeHandOver(send, () => {
    wakeOthers(pool, "messages").catch((error: unknown) => log.debug({ err: asError(error) }, "nobody was woken"));
  });
  const acceptor = new Acceptor(pool, handOver);
  const authenticator = new Authenticator(pool);
  const wakeups = new Wakeups(database, log, (wakeup) => {
    if (wakeup === "keys") authenticator.forget();
  });
  const policy = addressPolicyOf(config);
  const registry = createRegistry(name);
  const askEngine = new EngineMetrics(send);
  const app = buildApp({
    config,
    pool,
    log,
    clock: systemClock,
    authenticator,
    acceptor,
    checkCallback: (url) => checkCallbackUrl(url, policy),
    metrics: async () => `${await registry.metrics()}\n${await askEngine.text()}`,
  });

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    const idle = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_MS);
    await app.close();
    clearInterval(idle);
    await acceptor.drain();
    await wakeups.stop();
    await pool.end();
    process.disconnect();
  };
  process.on("message", (message: ToApi) => {
    if (message.kind === "engine") handOver.update(message, message.received);
    else if (message.kind === "metrics") askEngine.answered(message.request, message.text);
    else void stop();
  });
  // The main process is gone: nobody would restart us or stop our database.
  process.on("disconnect", () => {
    if (!stopping) process.exit(1);
  });
  // The main process says when to stop; a terminal's Ctrl-C reaches all of a program's processes.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});

  await wakeups.start();
  await app.listen({ host: config.server.host, port: port ?? config.server.port });
  send({ kind: "listening", port: (app.server.address() as AddressInfo).port });
}

/** Asks the engine's process for its metrics. */
class EngineMetrics {
  readonly #send: (message: FromApi) => void;
  readonly #waiting = new Map<number, (text: string) => void>();
  #next = 0;

  constructor(send: (message: FromApi) => void) {
    this.#send = send;
  }

  text(): Promise<string> {
    return new Promise((resolve) => {
      const request = ++this.#next;
      this.#waiting.set(request, resolve);
      this.#send({ kind: "metrics", request });
    });
  }

  answered(request: number, text: string): void {
    this.#waiting.get(request)?.(text);
    this.#waiting.delete(request);
  }
}

process.send?.({ kind: "loaded" } satisfies FromApi);
process.once("message", (start: ApiStart) => {
  run(start).catch((error: unknown) => {
    const { message, code }: NodeJS.ErrnoException = asError(error);
    const failed: FromApi = { kind: "failed", message, code };
    process.send?.(failed, undefined, undefined, () => process.exit(1));
  });
});
