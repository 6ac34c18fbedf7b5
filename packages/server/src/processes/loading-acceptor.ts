import cluster, { type Worker } from "node:cluster";
import { fileURLToPath } from "node:url";
import type { Logger } from "../runtime/log.ts";
import { nodeOptions } from "./child-processes.ts";

/** A process that accepts, before it is told to. */
export interface LoadingAcceptor {
  worker: Worker;
  /** Resolves once its modules are loaded: a message sent before is lost. */
  loaded: Promise<void>;
  /** Resolves when it has ended. */
  ended: Promise<void>;
  /** Epoch milliseconds. */
  startedAt: number;
}

/** Begins an accepting process, which ends with this one. */
export function loadAcceptor(log: Logger): LoadingAcceptor {
  // Each process takes connections from the socket itself. By default this process hands them out, one turn of its event
  // loop each: with 100,000 messages going out, new callers waited for as long as that took.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({
    exec: fileURLToPath(new URL("./accept-process.js", import.meta.url)),
    execArgv: nodeOptions(),
  });
  const worker = cluster.fork();
  // A message to a process that has just ended: its exit tells the rest.
  worker.on("error", (error) => log.debug({ err: error, pid: worker.process.pid }, "nobody read a message"));
  return {
    worker,
    // Its first message.
    loaded: new Promise((resolve) => worker.once("message", () => resolve())),
    ended: new Promise((resolve) => worker.once("exit", () => resolve())),
    startedAt: Date.now(),
  };
}

/** Kills all accepting processes, where a start has failed: one that still loads would complain of its closed pipe. */
export function killAcceptors(): void {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL");
}
