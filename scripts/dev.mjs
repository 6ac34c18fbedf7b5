// `npm run dev`: builds, runs the program with scripts/dev.json (MPLUS_CONFIG names another) on ./data-dev, and builds and
// starts it anew at every change of a source. With `-- --temporary` the store is a new one and goes with the run; what else
// stands behind `--` are options of `mplus serve`.
import "../packages/server/bin/node-version.js";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devEnvironment } from "./dev-environment.mjs";
import { temporaryFolder } from "./servers.mjs";

const root = join(import.meta.dirname, "..");
const FOLDERS = ["sdk/src", "smpp/src", "server/src", "server/bin", "server/migrations", "dashboard/src"];
const SETTLED_MS = 200;

const args = process.argv.slice(2).filter((arg) => arg !== "--temporary");
const temporary = process.argv.includes("--temporary") ? temporaryFolder(join(tmpdir(), "mplus-dev-")) : null;
if (temporary !== null) args.push("--data-dir", temporary);

let program;
let builder;
let stopping = false;
let timer;
let turn = Promise.resolve();

function run(...command) {
  return spawn(process.execPath, command, {
    cwd: root,
    env: devEnvironment(),
    stdio: ["ignore", "inherit", "inherit"],
  });
}

async function end(child) {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** What was built before goes on while this is built, and after it where this cannot be. */
async function rebuild() {
  if (stopping) return;
  builder = run("scripts/build.mjs");
  const [status] = await once(builder, "exit");
  if (stopping) return;
  if (status !== 0) return console.error("dev: not built; waiting for a change");
  await end(program);
  if (stopping) return;
  program = run("packages/server/bin/mplus.js", "serve", ...args);
  program.once("exit", (code, signal) => {
    if (!stopping && signal === null && code !== 0) console.error("dev: the program ended; waiting for a change");
  });
}

function changed() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    turn = turn.then(rebuild);
  }, SETTLED_MS);
}

async function stop() {
  if (stopping) return;
  stopping = true;
  for (const watcher of watchers) watcher.close();
  clearTimeout(timer);
  await Promise.all([end(builder), end(program)]);
  if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
}

const watchers = FOLDERS.map((folder) =>
  watch(join(root, "packages", folder), { recursive: true }, (_event, file) => {
    if (file === null || !/\.test\.tsx?$/.test(file)) changed();
  }),
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop());
turn = turn.then(rebuild);
