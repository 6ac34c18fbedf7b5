import { afterAll, expect, test } from "vitest";
import { startProgram } from "../flow/program.ts";
import { until } from "../flow/until.ts";
import { childrenOf } from "./processes.ts";

const program = await startProgram();
afterAll(program.stop);
const { api } = program;

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };

test.runIf(process.platform === "linux")(
  "an accepting process that is killed is there again at the same port",
  async () => {
    const accepting = async () =>
      (await childrenOf(program.child.pid!)).filter(({ command }) => command.includes("api-process"));
    const [first] = await accepting();
    process.kill(first!.pid, "SIGKILL");
    const sent = await until("a message to be accepted", () =>
      api.send({ messages: [message] }).catch(() => undefined),
    );
    expect(sent).toHaveLength(1);
    expect((await accepting()).map(({ pid }) => pid)).not.toContain(first!.pid);
  },
);
