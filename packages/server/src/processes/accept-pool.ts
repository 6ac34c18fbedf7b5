import type { Worker } from "node:cluster";
import type { BindStatus } from "../account/bind-status.ts";
import type { ToldReload } from "../config/changes.ts";
import { KEYS_TRUSTED_FOR_MS } from "../http/authenticate.ts";
import type { SmppDelivered, SmppDelivery } from "../notify/smpp/deliveries.ts";
import { InOneTurn } from "../runtime/in-one-turn.ts";
import type { Logger } from "../runtime/log.ts";
import { mergeMetrics } from "../runtime/metrics.ts";
import type { ApiStart } from "./accept-process.ts";
import { EndedEarly, firstStart, Restarts } from "./child-processes.ts";
import { DeliveryBatches } from "./delivery-batches.ts";
import type { EnginePool } from "./engine-pool.ts";
import { type LoadingAcceptor, loadAcceptor } from "./loading-acceptor.ts";
import {
  type Answered,
  countOf,
  type EngineState,
  type FromApi,
  type Limited,
  type Question,
  type Retune,
  type Task,
  type ToApi,
} from "./protocol.ts";
import { SmppBinds } from "./smpp-binds.ts";

export interface AcceptPoolOptions {
  /** The first processes, of which there are to be as many. */
  loading: LoadingAcceptor[];
  start: Omit<ApiStart, "kind" | "name" | "port" | "smppPort" | "waits">;
  log: Logger;
  /** They take what is accepted; the first of them what is done once for the program. */
  engines: EnginePool;
  /** Cancels a message that waits for a carrier, in whichever program; resolves with whether one did. */
  cancel(message: string): Promise<boolean>;
  /** Customers' binds to other programs on the store. */
  bindsElsewhere(): Promise<BindStatus[]>;
  /** Takes a token of an account or an organization; returns the seconds until there is one, 0 if there was. */
  takeToken(of: Limited, holder: string): number;
  /** Counts the webhooks that an account replays, beyond the token that it took; negative gives back. */
  spendReplays(holder: string, count: number): void;
  reload(): Promise<ToldReload>;
}

interface ApiWorker {
  /** Messages that it handed off, by node. */
  received: Map<number, number>;
  listening: boolean;
  /** Unanswered questions since its last message. */
  silentFor: number;
  answers: InOneTurn<Answered>;
}

/** Time for an answer, in ms. After it the process does not trust any key that it was to forget. */
const ANSWER_MS = KEYS_TRUSTED_FOR_MS;
/**
 * A process that listens and answers none of so many questions, one a second, is ended, and another started: what it has
 * connections for waits in vain. The costliest request takes it less than half a second. Looks are counted and not
 * seconds: while this process itself does not run, or the machine sleeps, none is made.
 */
const MOST_SILENT = 10;
const LOOK_MS = 1_000;

/**
 * The processes that accept, started again when one dies. They share the listening socket, which this process holds for
 * as long as one of them lives; the port stays the same in any case.
 */
export class AcceptPool {
  readonly #options: AcceptPoolOptions;
  readonly #workers = new Map<Worker, ApiWorker>();
  #engines: readonly EngineState[] = [];
  /** The port that they listen on; null until the first does. */
  #port: number | null = null;
  /** The port that they ask for, null for the configured one: processes that ask for the same share the socket. */
  #askedPort: number | null = null;
  #smppPort: number | null = null;
  readonly #smppBinds = new SmppBinds<Worker>();
  readonly #deliveries = new DeliveryBatches<Worker>((worker, deliveries) => {
    send(worker, { kind: "deliver", deliveries });
  });
  /** Callers that wait for a process to finish a task, by the number of the request. */
  readonly #asked = new Map<number, (value: string) => void>();
  #requests = 0;
  readonly #restarts = new Restarts();
  #look: NodeJS.Timeout | undefined;
  /** The ports of the first processes. */
  #listening: Promise<number[]> = Promise.resolve([]);
  #mayListen = false;
  #stopping = false;
  #start: AcceptPoolOptions["start"];

  constructor(options: AcceptPoolOptions) {
    this.#options = options;
    this.#start = options.start;
  }

  /** The port at which customers bind over SMPP; null without an SMPP server. */
  get smppPort(): number | null {
    return this.#smppPort;
  }

  /** Has the first processes prepare for all that they do not need the port for. */
  prepare(): void {
    this.#listening = Promise.all(this.#options.loading.map((loading, index) => this.#begin(index + 1, loading)));
    // Heard of in `listen`.
    this.#listening.catch(() => {});
  }

  /** Resolves with the port once every process listens. Rejects with the first error of one that cannot. */
  async listen(): Promise<number> {
    this.#mayListen = true;
    for (const worker of this.#workers.keys()) send(worker, { kind: "listen" });
    const ports = await this.#listening;
    this.#look = setInterval(() => this.#endSilent(), LOOK_MS);
    return ports[0] as number;
  }

  /** Tells every process which nodes send, and how much each has in memory. */
  tell(engines: readonly EngineState[]): void {
    this.#engines = engines;
    for (const worker of this.#workers.keys()) this.#tell(worker);
  }

  /** Has the processes go on with another configuration, with which later ones begin. Resolves once they do. */
  async retune(retune: Retune): Promise<void> {
    this.#start = { ...this.#start, ...retune };
    await Promise.all(this.#ask(retune, null));
  }

  /** Resolves when no process is left. After `timeoutMs` the remaining ones are ended. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#look);
    const gone = [...this.#workers.keys()].map(
      (worker) => new Promise<void>((resolve) => worker.once("exit", () => resolve())),
    );
    for (const worker of this.#workers.keys()) send(worker, { kind: "stop" });
    const timer = setTimeout(() => {
      for (const worker of this.#workers.keys()) worker.process.kill("SIGKILL");
    }, timeoutMs);
    await Promise.all(gone);
    clearTimeout(timer);
  }

  #begin(number: number, loading: LoadingAcceptor): Promise<number> {
    const first = [loading];
    return firstStart(
      () => this.#startOne(number, first.pop() ?? loadAcceptor(this.#options.log)),
      () => {
        if (this.#stopping) return false;
        this.#options.log.error({ api: number }, "an accepting process died before it listened; it is started again");
        return true;
      },
    );
  }

  #startOne(number: number, { worker, loaded, ended, startedAt }: LoadingAcceptor): Promise<number> {
    const name = `api-${number}`;
    const answers = new InOneTurn<Answered>((answered) => send(worker, { kind: "answers", answers: answered }));
    const received = new Map<number, number>();
    const state: ApiWorker = { received, listening: false, silentFor: 0, answers };
    this.#workers.set(worker, state);
    return new Promise((resolve, reject) => {
      let failure: NodeJS.ErrnoException = new EndedEarly(`${name} ended before it listened`);
      worker.on("message", (message: FromApi) => {
        state.silentFor = 0;
        if (message.kind === "listening") {
          this.#port = message.port;
          this.#smppPort = message.smppPort;
          state.listening = true;
          resolve(message.port);
        } else if (message.kind === "failed") {
          failure = new Error(message.message);
          if (message.code !== undefined) failure.code = message.code;
        } else this.#said(worker, message);
      });
      void loaded.then(() => {
        // With the last process the socket is gone, and any free port (0) would be another one.
        if (![...this.#workers.values()].some(({ listening }) => listening)) this.#askedPort = this.#port;
        const smppPort = this.#askedPort === null ? null : this.#smppPort;
        send(worker, { kind: "start", ...this.#start, port: this.#askedPort, smppPort, name, waits: !this.#mayListen });
        this.#tell(worker);
      });
      void ended.then(() => {
        this.#workers.delete(worker);
        this.#unbound(() => this.#smppBinds.gone(worker));
        this.#deliveries.gone(worker);
        reject(failure);
        this.#died(number, startedAt, failure.message);
      });
    });
  }

  #tell(worker: Worker): void {
    const counts = this.#workers.get(worker)?.received ?? new Map<number, number>();
    for (const node of counts.keys()) if (!this.#engines.some((engine) => engine.node === node)) counts.delete(node);
    const engines = this.#engines.map((engine) => ({ ...engine, received: counts.get(engine.node) ?? 0 }));
    send(worker, { kind: "engines", engines });
  }

  #said(worker: Worker, message: FromApi): void {
    const { engines } = this.#options;
    if (message.kind === "messages" || message.kind === "bundle") {
      const counts = this.#workers.get(worker)?.received;
      counts?.set(message.node, (counts.get(message.node) ?? 0) + countOf(message));
      engines.take(message);
    } else if (message.kind === "wake") engines.first.wake();
    else if (message.kind === "unbound") this.#unbound(() => this.#smppBinds.ended(worker, message.id));
    else if (message.kind === "receives") {
      this.#smppBinds.receives(worker, message.id, message);
      engines.first.receivers = this.#smppBinds.receivers;
      engines.first.takesReceipts(message);
    } else if (message.kind === "done") this.#asked.get(message.request)?.(message.value);
    else if (message.kind === "delivered") this.#deliveries.answered(worker, message.answers);
    else if (message.kind === "questions") {
      for (const { request, question } of message.asked) {
        void this.#answer(worker, question).then((value) => this.#workers.get(worker)?.answers.add({ request, value }));
      }
    }
  }

  /** Tells of the receivers if there are fewer afterwards. */
  #unbound(end: () => void): void {
    const before = this.#smppBinds.receivers.length;
    end();
    const { receivers } = this.#smppBinds;
    if (receivers.length < before) this.#options.engines.first.receivers = receivers;
  }

  async #answer(asker: Worker, question: Question): Promise<string | number> {
    const { engines } = this.#options;
    switch (question.kind) {
      case "metrics": {
        const [own, others] = await Promise.all([engines.metrics(), Promise.all(this.#ask("metrics", null))]);
        return mergeMetrics([...own, ...others]);
      }
      case "binds":
        return JSON.stringify([...(await this.binds()), ...(await this.#options.bindsElsewhere().catch(() => []))]);
      case "stuck":
        return (await engines.stuck()).join(", ");
      case "carriers":
        return JSON.stringify(await engines.carriers());
      case "waiting":
        return JSON.stringify(await engines.whyWaiting(question.message));
      case "cancel":
        return Number(await this.#options.cancel(question.message).catch(() => false));
      case "token":
        return this.#options.takeToken(question.of, question.holder);
      case "spend":
        this.#options.spendReplays(question.holder, question.count);
        return 0;
      case "event":
        return Number(await engines.first.takeEvent(question.carrier, question.event));
      case "admit":
        return Number(this.#smppBinds.admit(asker, question));
      case "throughput":
        return this.#smppBinds.take(question.credential, question.throughput);
      case "refreshCarriers":
        await engines.refreshPaused().catch(() => {});
        return 0;
      case "reload":
        return JSON.stringify(await this.#options.reload());
      case "forgetKeys":
        return (await Promise.all(this.#ask("forgetKeys", asker))).length;
    }
  }

  /** Has every process but one do a task. Each promise resolves with the answer, or with nothing if it is gone or too slow. */
  #ask(task: Task, but: Worker | null): Promise<string>[] {
    const asked = [...this.#workers.keys()].filter((worker) => worker !== but && worker.isConnected());
    return asked.map((worker) => this.#askOne(worker, task));
  }

  /** Customers' binds to all processes. */
  async binds(): Promise<BindStatus[]> {
    return (await Promise.all(this.#ask("binds", null))).flatMap(bindsOf);
  }

  /**
   * Delivers to a customer over one of its binds; a number is the status of the answer. A process whose last bind has just ended
   * answers that it has none: then the next that has some is asked.
   */
  async deliver(delivery: SmppDelivery): Promise<SmppDelivered> {
    const without = new Set<Worker>();
    for (;;) {
      const worker = this.#smppBinds.holderOf(delivery, without);
      if (worker?.isConnected() !== true) return "unbound";
      const delivered = await this.#deliveries.deliver(worker, delivery);
      if (delivered !== 0) this.#smppBinds.failed(worker, delivery);
      if (delivered !== "unbound") return delivered;
      without.add(worker);
    }
  }

  #askOne(worker: Worker, task: Task): Promise<string> {
    return new Promise((resolve) => {
      const request = ++this.#requests;
      const done = (value: string): void => {
        clearTimeout(timer);
        worker.off("exit", gone);
        this.#asked.delete(request);
        resolve(value);
      };
      const gone = (): void => done("");
      const timer = setTimeout(gone, ANSWER_MS);
      worker.once("exit", gone);
      this.#asked.set(request, done);
      send(worker, { kind: "ask", request, task });
    });
  }

  #endSilent(): void {
    for (const [worker, state] of this.#workers) {
      if (!state.listening) continue;
      if (state.silentFor >= MOST_SILENT) {
        this.#options.log.error({ pid: worker.process.pid }, "an accepting process answers nothing; it is ended");
        worker.process.kill("SIGKILL");
      } else {
        state.silentFor++;
        // Nobody waits for this answer: any answer shows that the process runs.
        send(worker, { kind: "ask", request: 0, task: "answer" });
      }
    }
  }

  #died(number: number, startedAt: number, reason: string): void {
    // A process that cannot listen at the start ends the program.
    if (this.#stopping || this.#port === null) return;
    const wait = this.#restarts.after(startedAt);
    this.#options.log.error({ api: number, restartMs: wait }, "an accepting process died; it is started again");
    this.#options.engines.lookForLost();
    setTimeout(() => {
      if (this.#stopping) return;
      this.#startOne(number, loadAcceptor(this.#options.log)).catch((error: Error) =>
        this.#options.log.error({ err: error, reason }, "it did not start"),
      );
    }, wait);
  }
}

/** The binds of a process's answer; none of one that is gone. */
function bindsOf(answer: string): BindStatus[] {
  return answer === "" ? [] : JSON.parse(answer);
}

/** With a callback, a process that goes in this moment is no fault that ends ours: its end is heard of anyhow. */
function send(worker: Worker, message: ToApi | ApiStart): void {
  if (worker.isConnected()) worker.send(message, () => {});
}
