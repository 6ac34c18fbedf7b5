// The server of this build, on a store of its own.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, until } from "../servers.mjs";

export const ORGANIZATION_KEY = "0123456789abcdef0123456789abcdef";

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
  const { output, runs, stop } = launch(process.execPath, [mplus, "serve", "--config", config], { cwd: folder });
  await until("a start", () => {
    if (!runs()) throw new Error(`the server did not start: ${output()}`);
    return output().includes("Ctrl-C stops");
  });
  const [, url] = /is ready at (\S+)/.exec(output());
  const [, port] = /customers bind at 127\.0\.0\.1:(\d+)/.exec(output()) ?? [];
  return { url, port: Number(port), output, stop };
}
