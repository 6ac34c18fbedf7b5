// `npm run screenshots`: packages/dashboard/test/screenshots.ts with the configuration of `npm run dev`, on a store of its own.
import "../packages/server/bin/node-version.js";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runnerImport } from "vite";
import { devEnvironment } from "./dev-environment.mjs";
import { temporaryFolder } from "./servers.mjs";

process.chdir(join(import.meta.dirname, ".."));
const dataDir = temporaryFolder(join(tmpdir(), "mplus-screenshots-"));
Object.assign(process.env, devEnvironment(), { MPLUS_DATA_DIR: dataDir });
try {
  await runnerImport("packages/dashboard/test/screenshots.ts", { configFile: false, logLevel: "error" });
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
