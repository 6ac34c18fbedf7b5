// Compiles every package, and builds the dashboard where it is older than its sources. Takes a fraction of a second when
// nothing changed.
import "../packages/server/bin/node-version.js";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isOutdated } from "./outdated.mjs";

const root = join(import.meta.dirname, "..");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const compile = [tsc, "-b", "packages/server", "packages/dashboard"];
const { status } = spawnSync(process.execPath, compile, { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
// The bundlers are loaded only where they are needed: that takes longer than all else that is done here.
if (status === 0 && isOutdated("program")) {
  const { bundleProgram } = await import("../packages/server/bundle.mjs");
  await bundleProgram();
}
if (status === 0 && isOutdated("documentation")) {
  const { writeDocumentation } = await import("../packages/server/documentation.mjs");
  writeDocumentation();
}
if (status === 0 && isOutdated("dashboard")) {
  const { buildDashboard } = await import("../packages/dashboard/build.mjs");
  await buildDashboard();
}
