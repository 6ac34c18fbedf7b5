// `npm test`: the linter, the compiler, the tests. All three run whatever became of the others, because their faults are
// found together. Ends with one line, `N passed, N failed`: the tests, and one each for lint and types.
import "../packages/server/bin/node-version.js";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "mplus-report-"));
const report = join(folder, "vitest.json");
// Where nobody looks at a terminal the output is plain text.
const env = process.stdout.isTTY || "FORCE_COLOR" in process.env ? process.env : { ...process.env, NO_COLOR: "1" };
let child;
let interrupted = false;

// The terminal's Ctrl-C reaches the child by itself, which then has what it started to end.
process.on("SIGINT", () => {
  interrupted = true;
});
process.on("SIGTERM", () => {
  interrupted = true;
  child?.kill("SIGTERM");
});

/** Answers whether the command succeeded. */
function run(command, ...args) {
  if (interrupted) return Promise.resolve(false);
  console.log(`\n> ${[command, ...args].join(" ")}`);
  return new Promise((resolve) => {
    child = spawn(command === "node" ? process.execPath : join(root, "node_modules/.bin", command), args, {
      cwd: root,
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once("exit", (code) => resolve(code === 0));
  });
}

/** What vitest counted. A file that could not be loaded, or a fault outside of every test, is one that failed. */
function countTests(succeeded) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    const unloaded = testResults.filter(
      ({ status, assertionResults }) =>
        status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
    );
    const failed = numFailedTests + unloaded.length;
    return { passed: numPassedTests, failed: succeeded ? failed : Math.max(1, failed) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

const lint = await run("biome", "check", ".");
// The packages are built, since tests of the whole program run what was built.
const built = await run("node", "scripts/build.mjs");
const types = (await run("tsc", "-p", "tsconfig.tests.json")) && built;
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const tests = countTests(await run("vitest", "run", ...reporters));
rmSync(folder, { recursive: true, force: true });

const passed = tests.passed + Number(lint) + Number(types);
const failed = tests.failed + Number(!lint) + Number(!types);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
