import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Program, startProgram } from "../support/program.ts";

/** What it wrote to its log until it ran. */
async function logOf(options: Parameters<typeof startProgram>[0], check: (log: string, program: Program) => void) {
  const program = await startProgram(options);
  try {
    check(program.output().stderr, program);
  } finally {
    await program.stop();
  }
}

const PRELOAD = (node: string) => {
  const script = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${node}" } })`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` };
};

test("a configuration with keys that others may read is named at the start, with what to do", async () => {
  const open = (folder: string) => chmodSync(join(folder, "config.json"), 0o644);
  await logOf({ beforeSpawn: open, env: PRELOAD("22.22.0") }, (log, { folder }) => {
    const file = join(folder, "config.json");
    expect(JSON.parse(log.split("\n").find((line) => line.includes("others on this machine")) ?? "")).toMatchObject({
      level: "warn",
      file,
      mode: "0644",
      msg: `others on this machine may read a file with keys or passwords: chmod 600 ${file}`,
    });
    expect(log.match(/others on this machine/g)).toHaveLength(1);
    expect(log).not.toContain("no more security fixes");
  });
});

test("a Node.js that gets no more fixes is named once, and a configuration for its owner alone is not", async () => {
  await logOf({ env: PRELOAD("20.19.5") }, (log) => {
    expect(log.match(/Node\.js 20\.19\.5 gets no more security fixes/g)).toHaveLength(1);
    expect(log).not.toContain("others on this machine");
  });
});
