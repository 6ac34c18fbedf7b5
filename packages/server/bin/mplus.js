#!/usr/bin/env -S node --max-semi-space-size=16 --max-old-space-size=512
// In a checkout the sources are compiled first where they are newer than what was built; a published package has none.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const PACKAGES = ["sdk", "smpp", "server"];
const build = join(here, "../../../scripts/build.mjs");

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.endsWith(".test.ts"))
      time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}

/** Each by itself: one that has not changed is not built again with the others. */
function isOld(name) {
  const folder = join(here, "../..", name);
  const stamp = join(folder, "dist/.tsbuildinfo");
  return newest(join(folder, "src")) > (existsSync(stamp) ? statSync(stamp).mtimeMs : 0);
}

if (existsSync(build) && PACKAGES.some(isOld)) {
  const { status } = spawnSync(process.execPath, [build], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
await import("../dist/cli/main.js");
