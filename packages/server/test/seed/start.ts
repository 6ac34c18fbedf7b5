import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Started {
  /** Where it listens. */
  url: string;
  stop(): Promise<void>;
}

/** Starts the program that was built with the environment's configuration, on a port that is free. */
export async function startServer(): Promise<Started> {
  const child = spawn(process.execPath, ["packages/server/bin/mplus.js", "serve", "--port", "0", "--json"], {
    env: { ...process.env, MPLUS_LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  for await (const line of createInterface(child.stdout)) {
    return { url: (JSON.parse(line) as { url: string }).url, stop };
  }
  throw new Error("the program did not start");
}
