// `npm run upgrade -- COMMIT`: builds the version of that commit beside this one (the commit before, where none is named), and
// upgrades two programs on one store from it to this one, under load (packages/server/test/crash/upgrade.test.ts).
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "mplus-before-"));
const before = join(folder, "checkout");
const run = (cwd, command, ...args) => execFileSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });

try {
  run(root, "git", "worktree", "add", "--quiet", "--detach", before, process.argv[2] ?? "HEAD~1");
  run(before, "npm", "ci", "--no-audit", "--no-fund");
  run(before, process.execPath, "scripts/build.mjs");
  const args = ["run", "packages/server/test/crash/upgrade.test.ts"];
  const env = { ...process.env, UPGRADE_FROM: before };
  const { status } = spawnSync(join(root, "node_modules/.bin/vitest"), args, { cwd: root, env, stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  spawnSync("git", ["worktree", "remove", "--force", before], { cwd: root, stdio: "inherit" });
  rmSync(folder, { recursive: true, force: true });
}
