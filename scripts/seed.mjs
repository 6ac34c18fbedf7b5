// `npm run seed`: test/seed/main.ts of the server with the configuration of `npm run dev`.
import "../packages/server/bin/node-version.js";
import { join } from "node:path";
import { runnerImport } from "vite";
import { devEnvironment } from "./dev-environment.mjs";

process.chdir(join(import.meta.dirname, ".."));
Object.assign(process.env, devEnvironment());
await runnerImport("packages/server/test/seed/main.ts", { configFile: false, logLevel: "error" });
