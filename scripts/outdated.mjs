// Which packages have sources that are newer than what was built of them: each by itself, so that one that has not changed
// is not built again with the others.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const packages = join(import.meta.dirname, "../packages");

/** What each is built from, and the file whose time says when that was. */
const BUILT = {
  sdk: { from: ["sdk/src"], stamp: "sdk/dist/.tsbuildinfo" },
  smpp: { from: ["smpp/src"], stamp: "smpp/dist/.tsbuildinfo" },
  server: { from: ["server/src"], stamp: "server/dist/.tsbuildinfo" },
  program: { from: ["sdk/src", "smpp/src", "server/src"], stamp: "server/dist/program/main.js" },
  // The pages that the program serves.
  documentation: {
    from: ["../docs", "sdk/README.md", "python/README.md", "server/src/reference"],
    stamp: "server/dist/program/docs/search.json",
  },
  // The page is a client like any other, and counts a text's parts by the server's rules.
  dashboard: { from: ["dashboard/src", "sdk/src", "server/src/message"], stamp: "dashboard/dist/index.html" },
};

function newest(folder) {
  const own = statSync(folder);
  if (own.isFile()) return own.mtimeMs;
  let time = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.endsWith(".test.ts"))
      time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}

export function isOutdated(name) {
  const { from, stamp } = BUILT[name];
  const file = join(packages, stamp);
  if (!existsSync(file)) return true;
  const builtAt = statSync(file).mtimeMs;
  return from.some((folder) => newest(join(packages, folder)) > builtAt);
}

export const anyOutdated = () => Object.keys(BUILT).some(isOutdated);
