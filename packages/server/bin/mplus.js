#!/usr/bin/env -S node --max-semi-space-size=16 --max-old-space-size=512
// In a checkout the sources are compiled first where they are newer than what was built; a published package has none.
import "./node-version.js";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

if (existsSync(join(here, "../src"))) {
  const scripts = join(here, "../../../scripts");
  const { anyOutdated } = await import(pathToFileURL(join(scripts, "outdated.mjs")).href);
  if (anyOutdated()) {
    const { status } = spawnSync(process.execPath, [join(scripts, "build.mjs")], { stdio: ["ignore", 2, 2] });
    if (status !== 0) process.exit(status ?? 1);
  }
}
await import("../dist/program/main.js");
