import { expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

test("without a terminal SIGHUP reads the configuration anew, and stops nothing", async () => {
  const program = await startProgram();
  program.child.kill("SIGHUP");
  await until("it to be said", () => program.output().stderr.includes("the configuration was read anew"));
  const messages = [{ from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" }];
  await program.api.send({ messages });
  await program.stop();
});

/** As if standard input were a terminal: what is seen of one by the program. */
const TERMINAL = `import tty from "node:tty"; import { syncBuiltinESMExports } from "node:module";
  tty.isatty = (descriptor) => descriptor === 0; syncBuiltinESMExports();`;

test("a terminal that is closed stops its program in order", async () => {
  const program = await startProgram({
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(TERMINAL)}` },
  });
  program.child.kill("SIGHUP");
  await until("the program to end", () => program.child.exitCode !== null);
  expect(program.output().stderr).toMatch(/"signal":"SIGHUP","msg":"stopping".*"msg":"stopped"/s);
  await program.stop();
});
