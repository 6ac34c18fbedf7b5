// `npm run rcs-pictures`: packages/server/test/rcs/pictures.ts.
import "../packages/server/bin/node-version.js";
import { join } from "node:path";
import { runnerImport } from "vite";

process.chdir(join(import.meta.dirname, ".."));
await runnerImport("packages/server/test/rcs/pictures.ts", { configFile: false, logLevel: "error" });
