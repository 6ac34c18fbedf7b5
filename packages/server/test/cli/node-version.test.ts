import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Runs a script as if by another version of Node.js. */
function run(script: string, version: string) {
  const preload = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  const args = ["--import", `data:text/javascript,${encodeURIComponent(preload)}`, script, "--version"];
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}

test.each(["packages/server/bin/mplus.js", "scripts/start.mjs", "scripts/build.mjs", "scripts/test.mjs"])(
  "%s tells an old Node.js in one sentence what it needs",
  (script) => {
    for (const version of ["18.20.8", "20.18.3"]) {
      const { status, stdout, stderr } = run(script, version);
      expect({ status, stdout, stderr }).toEqual({
        status: 1,
        stdout: "",
        stderr: `Messaging Plus needs Node.js 20.19 or later, and this is ${version}: install a newer one (https://nodejs.org), then run npm ci again.\n`,
      });
    }
  },
);

test.each(["20.19.0", "22.0.0", "100.1.0"])("version %s is new enough", (version) => {
  expect(run("packages/server/bin/mplus.js", version).stderr).not.toContain("needs Node.js");
});
