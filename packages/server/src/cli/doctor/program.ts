import { type Carrier, type MessagingPlus, ProblemError } from "@messaging-plus/sdk";
import type { Config } from "../../config/config.ts";
import { asError } from "../../runtime/errors.ts";
import { readRunning } from "../../runtime/running-file.ts";
import { all, clientOf } from "../client.ts";
import type { Finding } from "./finding.ts";

/** For requests that need no key. */
const NO_KEY = "0".repeat(32);

/** Whether the installation's program runs on this machine, and what it says of itself and its carriers. */
export async function lookAtProgram(config: Config): Promise<{ runs: boolean; findings: Finding[] }> {
  const running = readRunning(config.dataDir);
  if (running === null) {
    const message = `no program of ${config.dataDir} runs here; its carriers are looked at while it does`;
    return { runs: false, findings: [{ level: "note", about: "program", message }] };
  }
  const client = clientOf({}, config, config.operatorKey ?? NO_KEY);
  const who = `process ${running.pid} at ${running.url}`;
  try {
    await client.server.live();
    const { warnings } = await client.server.ready();
    const ready: Finding = { level: "ok", about: "program", message: `${who} is ready` };
    return { runs: true, findings: [ready, ...(await lookAtCarriers(config, client, warnings))] };
  } catch (error) {
    const message = `${who} is not ready: ${reasonOf(error)}`;
    return { runs: true, findings: [{ level: "fault", about: "program", message }] };
  }
}

/** @param warnings what readiness says to everybody */
async function lookAtCarriers(config: Config, client: MessagingPlus, warnings: string[]): Promise<Finding[]> {
  if (!config.roles.includes("carrier")) return [];
  const about = "carriers";
  if (config.operatorKey === null) {
    if (warnings.length > 0) return warnings.map((message) => ({ level: "fault", about, message }));
    return [{ level: "note", about, message: "one at least is up; with operatorKey configured each is looked at" }];
  }
  try {
    const carriers = await all(client.operator.carriers({ limit: 1_000 }));
    return carriers.map((carrier) => ({ about, ...judged(carrier) }));
  } catch (error) {
    // The program may have been started with another one.
    return [{ level: "warning", about, message: `they cannot be looked at with operatorKey: ${reasonOf(error)}` }];
  }
}

function reasonOf(error: unknown): string {
  return error instanceof ProblemError ? error.detail : asError(error).message;
}

function judged({ id, state, paused, since, why, binds, next_try_at }: Carrier): Omit<Finding, "about"> {
  if (paused) return { level: "warning", message: `${id} is paused: mplus carrier resume ${id}` };
  if (why === null) return { level: "ok", message: `${id} is up (${binds.up} of ${binds.of} binds)` };
  const next = next_try_at === null ? "" : `; next try at ${next_try_at}`;
  const level = state === "down" || state === "no-receiver" ? "fault" : "warning";
  return { level, message: `${id} is ${state} since ${since}, with ${binds.up} of ${binds.of} binds: ${why}${next}` };
}
