import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import { mplus } from "../support/mplus.ts";
import { startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";

const hooks = await receiver();
afterAll(hooks.close);
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0 }];
// At every address: from its own machine it is reached at the loopback one.
const program = await startProgram({
  config: { carriers, server: { host: "0.0.0.0" }, callbacks: { allowPrivateAddresses: true } },
});
afterAll(program.stop);
const env = {
  MPLUS_KEY: program.api.key,
  MPLUS_SERVER_HOST: "0.0.0.0",
  MPLUS_SERVER_PORT: new URL(program.url).port,
};

async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await mplus([...args, "--json"], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

const at = new Date(Date.now() + 86_400_000).toISOString();

test("mplus send and batch say what the API takes: when, for how long, under which identifier, whom to tell", async () => {
  const [message, batch] = [randomUUID(), randomUUID()];
  const common = ["--from", "Shop", "--validity", "60"];
  const sent = await json("send", "+447700900123", "Hello", ...common, "--id", message, "--at", at);
  expect(sent).toMatchObject({
    messages: [{ to: "+447700900123", messageUuid: message, send_at: at, scheduled: true }],
  });
  const numbers = ["447700900123", "447700900124"];
  const callback = ["--callback", hooks.url("/batch")];
  expect(
    await json("batch", "x".repeat(161), ...numbers, ...common, ...callback, "--allow-multi", "--id", batch),
  ).toEqual({
    identifier: batch,
  });
  expect(await hooks.waitFor("/batch", 2)).toHaveLength(2);
  expect(await json("status", batch)).toEqual({ counts: { total: 2, delivered: 2, failed: 0 } });
});

test("what is refused is said with every field at fault", async () => {
  const { code, stdout, stderr } = await mplus(["send", "12", "", "--from", "Shop"], env);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(/^mplus: 400: .+\n {2}messages\[0\]\.body: .+\n {2}messages\[0\]\.to: .+\n$/);
});

test("with --dry-run nothing is sent", async () => {
  const count = async () => (await program.database.pool.query(`SELECT count(*)::int AS n FROM ${ACCEPTED}`)).rows[0];
  const before = await count();
  await json("send", "+447700900123", "Hello", "--from", "Shop", "--dry-run");
  await json("batch", "Hello", "447700900123", "--from", "Shop", "--dry-run");
  expect(await count()).toEqual(before);
});
