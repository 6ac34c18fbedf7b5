import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const program = await startProgram({ config: { limits: { requestsPerSecond: 1_000 } } });
afterAll(program.stop);
afterAll(() => program.child.kill("SIGCONT"));
const live = () => program.api.request("GET", "/health/live", { key: null });

test("a program lives for as long as its engine goes on, not only the process that answers", async () => {
  expect(await live()).toMatchObject({ status: 200, body: { status: "live" } });
  // The process of the engine alone: the one that accepts answers as ever.
  program.child.kill("SIGSTOP");
  const answer = await until("the stop to be noticed", async () => {
    const now = await live();
    return now.status !== 200 && now;
  });
  expect(answer).toMatchObject({ status: 503, body: { type: "/docs#problem-no-progress" } });
  // What it can do without, it does.
  expect((await program.api.request("GET", "/metrics", { key: null })).text).toContain('process="api-1"');
  const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
  const [sent] = await program.api.send({ messages: [message] });
  program.child.kill("SIGCONT");
  await until("the program to live again", async () => (await live()).status === 200);
  await until("the message to be delivered", async () => {
    return (await program.api.status(sent!.batchUuid, "")).counts.delivered === 1;
  });
});
