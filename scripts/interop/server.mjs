// The server of this build, on a store of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const ORGANIZATION_KEY = "0123456789abcdef0123456789abcdef";
const START_MS = 60_000;

/** @param more settings beside those that every such server has */
export async function startServer(folder, more) {
  const config = join(folder, "config.json");
  const settings = {
    server: { port: 0 },
    network: "loopback",
    dataDir: folder,
    organizationKey: ORGANIZATION_KEY,
    log: { level: "warn" },
    ...more,
  };
  writeFileSync(config, JSON.stringify(settings), { mode: 0o600 });
  const mplus = join(import.meta.dirname, "../../packages/server/bin/mplus.js");
  const child = spawn(process.execPath, [mplus, "serve", "--config", config], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const giveUpAt = Date.now() + START_MS;
  while (!said.includes("Ctrl-C stops")) {
    if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error(`the server did not start: ${said}`);
    await sleep(50);
  }
  const [, url] = /is ready at (\S+)/.exec(said);
  const [, port] = /customers bind at 127\.0\.0\.1:(\d+)/.exec(said) ?? [];
  const stop = async () => {
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  return { url, port: Number(port), stop };
}
