import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Logger } from "../runtime/log.ts";
import { withLimit } from "../runtime/with-limit.ts";
import { EndedEarly, nodeOptions } from "./child-processes.ts";
import {
  countOf,
  type EngineAnswers,
  type EngineQuestionOf,
  type EngineRoom,
  type EngineStart,
  type EngineState,
  type FromEngine,
  type HandedOff,
  type ToEngine,
} from "./protocol.ts";

/** An accepting process waits for its answer for 5 s. */
const ANSWER_MS = 4_000;
/** How long after its deadline a process that should stop may take to end, in ms. */
const END_MS = 1_500;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A further engine of this program, in a process of its own, as the main process sees it. */
export class FurtherEngine {
  readonly name: string;
  readonly startedAt = Date.now();
  /** Resolves when it takes messages; rejects with the reason, or with EndedEarly, if it ends before. */
  readonly started: Promise<void>;
  /** Resolves when its process has ended, with the exit code; null after a signal. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #up = false;
  #state: EngineRoom = { node: 0, buffered: 0, received: 0 };
  /** Messages that were passed on to it. */
  #sent = 0;
  #requests = 0;

  /** @param onState called when its state has changed */
  constructor(start: Omit<EngineStart, "kind" | "name">, log: Logger, onState: () => void) {
    this.name = `engine-${start.number}`;
    // It takes a Map as it is, and texts are not written as JSON once more.
    const options = { execArgv: nodeOptions(), serialization: "advanced" } as const;
    this.#child = fork(fileURLToPath(new URL("./engine-process.js", import.meta.url)), [], options);
    let failure: NodeJS.ErrnoException = new EndedEarly(`${this.name} ended before it took messages`);
    this.ended = new Promise((resolve) => {
      this.#child.once("exit", resolve);
      this.#child.on("error", (error) => {
        // A message was written to a process that has just ended: its exit tells the rest.
        log.debug({ err: error, engine: start.number }, "nobody read a message");
        if (this.#child.pid === undefined) resolve(null);
      });
    });
    this.started = new Promise((resolve, reject) => {
      this.#child.on("message", (message: FromEngine) => {
        if (message.kind === "loaded") this.#send({ kind: "start", name: this.name, ...start });
        else if (message.kind === "started") {
          this.#up = true;
          resolve();
        } else if (message.kind === "state") {
          this.#state = message;
          onState();
        } else if (message.kind === "answer") this.#waiting.get(message.request)?.resolve(message.value);
        else if (message.kind === "fault") this.#waiting.get(message.request)?.reject(new Error(message.message));
        else {
          failure = new Error(message.message);
          if (message.code !== undefined) failure.code = message.code;
        }
      });
      void this.ended.then(() => {
        this.#up = false;
        reject(failure);
        for (const { resolve } of this.#waiting.values()) resolve(undefined);
      });
    });
  }

  /** Whether it has started and runs. */
  get up(): boolean {
    return this.#up;
  }

  get state(): EngineState {
    const { node, buffered, received } = this.#state;
    return { node, buffered: buffered + this.#sent - received };
  }

  take(handedOff: HandedOff): void {
    this.#sent += countOf(handedOff);
    this.#send(handedOff);
  }

  lookForLost(): void {
    this.#send({ kind: "lookForLost" });
  }

  /** Resolves with nothing if it is gone, or does not answer in time. Rejects if it cannot do what it is asked for. */
  ask<Kind extends keyof EngineAnswers>(
    question: EngineQuestionOf<Kind>,
    patienceMs = ANSWER_MS,
  ): Promise<EngineAnswers[Kind] | undefined> {
    if (!this.#up) return Promise.resolve(undefined);
    const request = ++this.#requests;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(request, { resolve, reject }));
    this.#send({ kind: "ask", request, question });
    return withLimit(answer as Promise<EngineAnswers[Kind] | undefined>, patienceMs).finally(() => {
      this.#waiting.delete(request);
    });
  }

  /** Resolves when its process has ended, with whether that was in order. @param deadline epoch milliseconds */
  async stop(deadline: number): Promise<boolean> {
    // One that does not run yet has nothing in memory.
    if (this.#up) this.#send({ kind: "stop", deadline });
    else this.#child.kill("SIGKILL");
    const wasUp = this.#up;
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), Math.max(0, deadline - Date.now()) + END_MS);
    const code = await this.ended;
    clearTimeout(timer);
    return code === 0 || !wasUp;
  }

  #send(message: ToEngine): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}
