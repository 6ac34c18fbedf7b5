import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ACCEPTED } from "../support/accepted.ts";
import { command } from "../support/command.ts";
import { MPLUS } from "../support/mplus.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";

const hooks = await receiver();
afterAll(hooks.close);
const carriers = [{ id: "simulator", type: "simulator", receiptDelay: 0 }];
// At every address: from its own machine it is reached at the loopback one.
const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    carriers,
    server: { host: "0.0.0.0" },
    callbacks: { allowPrivateAddresses: true },
    senders: { shared: ["447700900400"] },
  },
});
afterAll(program.stop);
const env = {
  MPLUS_KEY: program.api.key,
  MPLUS_SERVER_HOST: "0.0.0.0",
  MPLUS_SERVER_PORT: new URL(program.url).port,
};

async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await command([...args, "--json"], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

const folder = mkdtempSync(join(tmpdir(), "mplus-numbers-"));
afterAll(() => rmSync(folder, { recursive: true }));
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

test("a number may be in national form, or have blanks, wherever one is asked for", async () => {
  await json("send", "+447700900141", "Hello", "--from", "Shop");
  for (const number of [["07700 900141", "--country", "44"], ["+44 7700 900141"], ["*900141"]]) {
    expect(await json("find", ...number)).toMatchObject({ items: [{ to: "+447700900141" }] });
  }
  const route = await command(["route", "07700 900141", "--country", "44"], {
    ...env,
    MPLUS_OPERATOR_KEY: operatorKey,
  });
  expect(route).toMatchObject({ code: 0, stdout: expect.stringContaining("simulator") });
});

test.each([
  ["send", "07700 900141", "Hello", "--from", "Shop"],
  ["find", "07700 900141"],
  ["route", "07700 900141"],
])("a number in national form without its country is told what is missing: %s", async (...args) => {
  expect(await command(args, { ...env, MPLUS_OPERATOR_KEY: operatorKey })).toEqual({
    code: 2,
    stdout: "",
    stderr: "mplus: 07700 900141 is in national form: say the country, as in --country 44\n",
  });
});

test("what is refused is said with every field at fault", async () => {
  const { code, stdout, stderr } = await command(["send", "12", "", "--from", "Shop"], env);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(/^mplus: 400: .+\n {2}messages\[0\]\.body: .+\n {2}messages\[0\]\.to: .+\n$/);
});

test("with --dry-run nothing is sent", async () => {
  const count = async () => (await program.database.pool.query(`SELECT count(*)::int AS n FROM ${ACCEPTED}`)).rows[0];
  const before = await count();
  const dry = { dry_run: { messages: 1, parts: 1, credits: 0 } };
  expect(await json("send", "+447700900123", "Hello", "--from", "Shop", "--dry-run")).toEqual(dry);
  expect(await json("batch", "Hello", "447700900123", "--from", "Shop", "--dry-run")).toEqual(dry);
  expect(await count()).toEqual(before);
  const said = await command(["send", "+447700900123", "x".repeat(161), "--from", "Shop", "--dry-run"], env);
  expect(said.stdout).toBe("dry run, nothing is sent: 1 message, 2 parts in all, for no credits\n");
});

test("a dry run says the price where messages have one", async () => {
  const organization = program.api.as(operatorKey);
  const made = await organization.request<{ apiKey: string }>("POST", "/organization", {
    body: { name: "Priced", credits: true, balance: 500 },
  });
  const owner = program.api.as(made.body.apiKey);
  const { body } = await owner.request<{ identifier: string; apiKey: string }>("POST", "/account", {
    body: { name: "Priced" },
  });
  await owner.request("PATCH", "/topup", { body: { accountUuid: body.identifier, topup: 40 } });
  const batch = ["batch", "x".repeat(161), "447700900123", "447700900124", "--from", "Shop", "--allow-multi"];
  const { stdout } = await command([...batch, "--dry-run"], { ...env, MPLUS_KEY: body.apiKey });
  expect(stdout).toBe("dry run, nothing is sent: 2 messages, 4 parts in all, for 4 credits of 40\n");
});

test("--wait tells the final state, and the exit code says whether it was delivered", async () => {
  const send = (to: string, ...more: string[]) =>
    command(["send", to, "Hello", "--from", "Shop", "--wait", ...more], env);
  expect(await send("+447700900123")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\ndelivered: 00 Successful\n$/),
  });
  const failed = await send("+447700900534");
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/\nfailed: 22 No response from the SME/) });
  expect(JSON.parse((await send("+447700900534", "--json")).stdout)).toMatchObject({ state: "failed", code: "22" });
  expect(await send("+447700900999", "--at", at)).toMatchObject({ code: 2 });

  const batch = await command(["batch", "Hello", "447700900123", "447700900534", "--from", "Shop", "--wait"], env);
  const [, uuid] = /^batch (\S+)\n2 in all, 1 delivered, 1 failed, 0 open\n$/.exec(batch.stdout) ?? [];
  expect(batch.code).toBe(1);
  expect((await command(["status", uuid!, "--wait"], env)).code).toBe(1);
});

test("--wait ends after its seconds, with the exit code of what may succeed later", async () => {
  const { code, stderr } = await command(["send", "+447700900901", "Hello", "--from", "Shop", "--wait", "0"], env);
  expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringMatching(/^mplus: it is not final after 0 s: /) });
});

test("the sender may be of the pool, the channels and parameters are passed on, as is rich content", async () => {
  const shared = await json("send", "+447700900123", "Hello", "--shared");
  expect(shared).toMatchObject({ messages: [{ from: { type: "shared", value: "447700900400" } }] });
  expect(await command(["send", "+447700900123", "Hello"], env)).toMatchObject({
    code: 2,
    stderr: "mplus: say who sends it: --from, or --shared\n",
  });
  await json(
    "send",
    "07700 900123",
    "Hello",
    "--country",
    "44",
    "--from",
    "Shop",
    "--tlv",
    "0x1401=a",
    "--tlv",
    "0x1402=hex:00",
  );
  const card = join(folder, "card.json");
  writeFileSync(card, JSON.stringify({ text: "Hello", suggestions: [] }));
  const rich = ["--from", "Shop", "--rcs", card, "--channel", "rcs"];
  // The only carrier is of SMS: what was passed on is what is refused.
  for (const args of [
    ["send", "+447700900123", "Hello"],
    ["batch", "Hello", "447700900123"],
  ]) {
    const { code, stderr } = await command([...args, ...rich], env);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/channel.*rcs/s) });
  }
  writeFileSync(card, "{");
  expect(await command(["send", "+447700900123", "Hello", ...rich], env)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("card.json is not JSON"),
  });
});

describe("mplus batch with files of numbers", () => {
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const batch = (...args: string[]) => command(["batch", "Hello", ...args, "--from", "Shop"], env);
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
    const rejects = join(folder, "rejects.csv");
    const { stdout } = await batch(`@${list}`, "--skip-invalid", "--rejects", rejects);
    const [, identifier] = /^2 left out, which are no numbers\nbatch (\S+)\n$/.exec(stdout) ?? [];
    expect(await counted(identifier as string)).toEqual(["+447700900126"]);
    expect(readFileSync(rejects, "utf8").split("\r\n")).toEqual([
      "file,line,value,reason",
      expect.stringMatching(/list.txt,2,Ann,/),
      expect.stringMatching(/list.txt,3,07700900127,/),
      "",
    ]);
    // Mended as they are, or by an option, they are taken from there.
    const rest = await batch(`@${rejects}`, "--column", "value", "--country", "44", "--skip-invalid", "--dry-run");
    expect(rest.stdout).toContain("dry run, nothing is sent: 1 message");
  });

  test("takes a number once, from whichever file, argument or input it comes", async () => {
    const [one, two] = [file("one.txt", "447700900130\n447700900131\n"), file("two.txt", "+44 7700 900131\n")];
    const { stdout } = await batch(`@${one}`, `@${two}`, "00447700900130", "--dry-run");
    expect(stdout).toBe(
      "2 left out, which are there twice\ndry run, nothing is sent: 2 messages, 2 parts in all, for no credits\n",
    );
    const piped = spawnSync(process.execPath, [MPLUS, "batch", "Hello", "-", "--from", "Shop", "--dry-run"], {
      input: "\uFEFF447700900130\r447700900131",
      encoding: "utf8",
      env: { PATH: process.env.PATH, ...env },
    });
    expect(piped.stdout).toContain("2 messages");
    expect(await batch(`@${one}`, "--column", "mobile")).toMatchObject({
      code: 2,
      stderr: "mplus: there is no column mobile among 447700900130\n",
    });
  });

  test("more numbers than a request takes go in several, which a second command does not send again", async () => {
    const many = Array.from({ length: 100_001 }, (_, index) => `${447_800_000_000 + index}`).join("\n");
    const list = file("many.txt", many);
    const scheduled = ["--at", at];
    const { code, stdout, stderr } = await batch(`@${list}`, ...scheduled);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^batch \S+\nbatch \S+\n$/);
    expect((await batch(`@${list}`, ...scheduled)).stdout).toBe(stdout);
    const named = await batch(`@${list}`, "--id", randomUUID());
    expect(named).toMatchObject({ code: 2, stderr: "mplus: --id names one batch, and these are 2\n" });
  });
});
