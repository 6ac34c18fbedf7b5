import { afterAll, expect, test } from "vitest";
import { acceptorsOf } from "../support/processes.ts";
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
    const accepting = () => acceptorsOf(program.child.pid!);
    const [first] = await accepting();
    process.kill(first!, "SIGKILL");
    const sent = await until("a message to be accepted", () =>
      api.send({ messages: [message] }).catch(() => undefined),
    );
    expect(sent).toHaveLength(1);
    expect(await accepting()).not.toContain(first!);
  },
);

test.runIf(process.platform === "linux")("one that answers nothing is ended, and another accepts", async () => {
  const [first] = await acceptorsOf(program.child.pid!);
  process.kill(first!, "SIGSTOP");
  const next = await until("another accepting process", async () => {
    return (await acceptorsOf(program.child.pid!)).find((pid) => pid !== first);
  });
  await until("a message to be accepted", () => api.send({ messages: [message] }).catch(() => undefined));
  expect(next).not.toBe(first);
  expect(program.output().stderr + program.output().stdout).toContain("answers nothing");
});

test.runIf(process.platform === "linux")("none is ended for what the main process did not hear", async () => {
  const [first] = await acceptorsOf(program.child.pid!);
  const live = async () => (await api.request("GET", "/health/live", { key: null })).status;
  program.child.kill("SIGSTOP");
  await until("the stop to be noticed", async () => (await live()) === 503);
  program.child.kill("SIGCONT");
  await until("the program to live again", async () => (await live()) === 200);
  expect(await acceptorsOf(program.child.pid!)).toEqual([first]);
});

test.runIf(process.platform === "linux")("one that is killed before it listens is started again", async () => {
  let killed: Promise<void> | undefined;
  const started = await startProgram({
    onSpawn: ({ pid }) => {
      killed = until("an accepting process", async () => (await acceptorsOf(pid!))[0]).then((first) => {
        process.kill(first, "SIGKILL");
      });
    },
  });
  await killed;
  expect(started.output().stdout + started.output().stderr).toContain("died before it listened");
  await started.stop();
});
