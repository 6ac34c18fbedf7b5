import { parentPort, workerData } from "node:worker_threads";
import { asError } from "../runtime/errors.ts";
import { loadConfig } from "./config.ts";
import type { ConfigSources } from "./given.ts";
import type { ReadConfig } from "./in-thread.ts";

/** Reads the configuration for the thread that started this one. */
function read(): ReadConfig {
  try {
    return { config: loadConfig(workerData as ConfigSources) };
  } catch (error) {
    const { name, message, stack } = asError(error);
    return { fault: { name, message, stack } };
  }
}

parentPort?.postMessage(read());
