import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
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

describe("mplus batch with files of numbers", () => {
  const folder = mkdtempSync(join(tmpdir(), "mplus-numbers-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const batch = (...args: string[]) => mplus(["batch", "Hello", ...args, "--from", "Shop"], env);
  const counted = async (identifier: string) => {
    return ((await json("status", identifier, "--details")) as { details: { destination: string }[] }).details.map(
      ({ destination }) => destination,
    );
  };

  test("takes a column of a CSV, with numbers in national form", async () => {
    const csv = file("all.csv", "name,mobile\nAnn,07700 900123\n# away,07700 900124\nBob,+44 7700 900125\n");
    const { code, stdout } = await batch(`@${csv}`, "--column", "mobile", "--country", "44");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^batch \S+\n$/) });
    expect(await counted(stdout.trim().slice(6))).toEqual(["+447700900123", "+447700900125"]);
  });

  test("names every line that is no number and sends nothing, or the rest, with the rejects in a file", async () => {
    const list = file("list.txt", "447700900126\nAnn\n07700900127\n");
    const refused = await batch(`@${list}`);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(`${list} line 2: "Ann" is no mobile number`);
    expect(refused.stderr).toContain(`${list} line 3: "07700900127" is in national form`);
    const rejects = join(folder, "rejects.txt");
    const { stdout } = await batch(`@${list}`, "--skip-invalid", "--rejects", rejects);
    const [, identifier] = /^2 left out, which are no numbers\nbatch (\S+)\n$/.exec(stdout) ?? [];
    expect(await counted(identifier as string)).toEqual(["+447700900126"]);
    expect(readFileSync(rejects, "utf8").split("\n")).toHaveLength(3);
  });

  test("a dry run says that it is one, with the parts", async () => {
    const { stdout } = await batch("447700900128", "447700900129", "--dry-run");
    expect(stdout).toBe("dry run, nothing is sent: 2 messages of 1 part\n");
  });

  test("more numbers than a request takes go in several, which a second command does not send again", async () => {
    const many = Array.from({ length: 100_001 }, (_, index) => `${447_800_000_000 + index}`).join("\n");
    const list = file("many.txt", many);
    const scheduled = ["--at", at];
    const { code, stdout, stderr } = await batch(`@${list}`, ...scheduled);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "100000 of 100001 numbers\n100001 of 100001 numbers\n" });
    expect(stdout).toMatch(/^batch \S+\nbatch \S+\n$/);
    expect((await batch(`@${list}`, ...scheduled)).stdout).toBe(stdout);
    const named = await batch(`@${list}`, "--id", randomUUID());
    expect(named).toMatchObject({ code: 2, stderr: "mplus: --id names one batch, and these are 2\n" });
  });
});
