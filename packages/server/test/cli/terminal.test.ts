import { spawn } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { WAITING_REASONS } from "../../src/message/waiting.ts";
import { endWithFile } from "../support/children.ts";
import { MPLUS, mplus } from "../support/mplus.ts";
import { startProgram } from "../support/program.ts";

const program = await startProgram({
  config: { carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0 }] },
});
afterAll(program.stop);
const env = {
  MPLUS_KEY: program.api.key,
  MPLUS_ORGANIZATION_KEY: program.organizationKey,
  MPLUS_SERVER_PORT: new URL(program.url).port,
};
/** As if input and errors were of a terminal: what is seen of one by a command. */
const TERMINAL = "process.stdin.isTTY = true; process.stderr.isTTY = true;";

/** Runs a command at a terminal, where this is typed. */
async function atTerminal(typed: string, ...args: string[]) {
  const child = spawn(process.execPath, [MPLUS, ...args], {
    cwd: "/",
    env: {
      PATH: process.env.PATH,
      ...env,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(TERMINAL)}`,
    },
  });
  endWithFile(child);
  child.stdin.end(typed);
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (said.stdout += text));
  child.stderr.on("data", (text) => (said.stderr += text));
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, ...said };
}

describe("what cannot be undone", () => {
  const sender = async (value: string) =>
    (
      await program.api
        .as(program.organizationKey)
        .request<{ identifier: string }>("POST", "/sender", { body: { value } })
    ).body.identifier;
  const remove = ["sender", "remove"];

  test("is asked for at a terminal, and done after a yes alone", async () => {
    const identifier = await sender("Asked");
    const refused = await atTerminal("\n", ...remove, identifier);
    expect(refused).toEqual({
      code: 1,
      stdout: "",
      stderr: `The sender ID ${identifier} is free for others. This cannot be undone. Go on? (y/N) mplus: nothing was done\n`,
    });
    // The input ends without an answer.
    expect(await atTerminal("", ...remove, identifier)).toMatchObject({ code: 1, stdout: "" });
    expect(await atTerminal("yes\n", ...remove, identifier)).toMatchObject({
      code: 0,
      stdout: `removed ${identifier}\n`,
    });
  });

  test("is refused where nobody can be asked, unless --yes says it", async () => {
    const identifier = await sender("Unasked");
    expect(await mplus([...remove, identifier], env)).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("nobody is at a terminal to be asked: --yes does it"),
    });
    expect((await mplus([...remove, identifier, "--yes"], env)).code).toBe(0);
  });
});

test("what takes over two seconds says at a terminal how far it is, and takes the words away", async () => {
  const command = ["send", "+447700900901", "Hello", "--from", "Shop", "--wait", "3"];
  const { code, stdout, stderr } = await atTerminal("", ...command);
  expect({ code, lines: stdout.split("\n").length }).toEqual({ code: 5, lines: 3 });
  const lines = stderr.split("\r\x1b[K");
  expect(lines.at(-1)).toBe("mplus: it is not final after 3 s: it waits (receipt)\n");
  // On a busy machine a message waits for its turn before it waits for its receipt.
  const progress = new RegExp(`^waits \\((?:${WAITING_REASONS.join("|")})\\), \\d s$`);
  for (const line of lines.slice(1, -1)) expect(line).toMatch(progress);
  expect(lines.length).toBeGreaterThan(2);
  expect((await mplus(command, env)).stderr).toBe("mplus: it is not final after 3 s: it waits (receipt)\n");
});
