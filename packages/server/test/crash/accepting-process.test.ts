import { afterAll, expect, test } from "vitest";
import { childrenOf } from "../support/processes.ts";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const program = await startProgram();
afterAll(program.stop);
afterAll(() => program.child.kill("SIGCONT"));
const { api } = program;

const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };

test.runIf(process.platform === "linux")(
  "an accepting process that is killed is there again at the same port",
  async () => {
    const accepting = () => acceptingOf(program.child.pid!);
    const [first] = await accepting();
    process.kill(first!.pid, "SIGKILL");
    const sent = await until("a message to be accepted", () =>
      api.send({ messages: [message] }).catch(() => undefined),
    );
    expect(sent).toHaveLength(1);
    expect((await accepting()).map(({ pid }) => pid)).not.toContain(first!.pid);
  },
);

test.runIf(process.platform === "linux")("one that answers nothing is ended, and another accepts", async () => {
  const [first] = await acceptingOf(program.child.pid!);
  process.kill(first!.pid, "SIGSTOP");
  const next = await until("another accepting process", async () => {
    return (await acceptingOf(program.child.pid!)).find(({ pid }) => pid !== first!.pid);
  });
  await until("a message to be accepted", () => api.send({ messages: [message] }).catch(() => undefined));
  expect(next.pid).not.toBe(first!.pid);
  expect(program.output().stderr + program.output().stdout).toContain("answers nothing");
});

test.runIf(process.platform === "linux")("none is ended for what the main process did not hear", async () => {
  const [first] = await acceptingOf(program.child.pid!);
  const live = async () => (await api.request("GET", "/health/live", { key: null })).status;
  program.child.kill("SIGSTOP");
  await until("the stop to be noticed", async () => (await live()) === 503);
  program.child.kill("SIGCONT");
  await until("the program to live again", async () => (await live()) === 200);
  expect((await acceptingOf(program.child.pid!)).map(({ pid }) => pid)).toEqual([first!.pid]);
});

async function acceptingOf(parent: number) {
  return (await childrenOf(parent)).filter(({ command }) => command.includes("accept-process"));
}

test.runIf(process.platform === "linux")("one that is killed before it listens is started again", async () => {
  let killed: Promise<void> | undefined;
  const started = await startProgram({
    onSpawn: ({ pid }) => {
      killed = until("an accepting process", async () => (await acceptingOf(pid!))[0]).then((first) => {
        process.kill(first.pid, "SIGKILL");
      });
    },
  });
  await killed;
  expect(started.output().stdout + started.output().stderr).toContain("died before it listened");
  await started.stop();
});
