import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Config } from "./config.ts";
import type { ConfigSources } from "./given.ts";

/** The message of the thread. */
export type ReadConfig = { config: Config } | { fault: { name: string; message: string; stack: string | undefined } };

/**
 * `loadConfig` in a thread of its own, whose memory goes with it: the schemas and their library take 17 MB, which a process
 * that runs for months needs for a moment. Rejects as `loadConfig` throws.
 */
export async function loadConfigApart({ file, env, cwd, overrides }: ConfigSources): Promise<Config> {
  const sources: ConfigSources = { file, env: { ...env }, cwd, ...(overrides === undefined ? {} : { overrides }) };
  const thread = new Worker(new URL("./thread.js", import.meta.url), { workerData: sources });
  const [answer] = (await once(thread, "message")) as [ReadConfig];
  await thread.terminate();
  if ("config" in answer) return answer.config;
  throw Object.assign(new Error(), answer.fault);
}
