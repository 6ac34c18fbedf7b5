import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { listenCommand } from "../../src/cli/listen.ts";
import { newSecretKey, secretText } from "../../src/message/webhook-secret.ts";
import { signatureHeaders } from "../../src/notify/sign.ts";
import { begin, type Listening, listening, mplus } from "../support/mplus.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const secret = secretText(newSecretKey());
const body = '{"destination":"+447700900123","delivered":true}';
const local = await receiver();
afterAll(local.close);
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mplus-listen-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let listener: Listening | undefined;
afterEach(async () => {
  await listener?.stop();
  listener = undefined;
});
async function listen(...args: string[]): Promise<Listening> {
  listener = await listening(...args);
  return listener;
}

interface Posted {
  id?: string;
  text?: string;
  secrets?: string[];
  at?: number;
}

/** Posts a webhook as the platform does; answers the status, or why there is none. */
async function post(url: string, { id = "w1", text = body, secrets = [], at = Date.now() }: Posted = {}) {
  const signed = signatureHeaders({ id, timestampSeconds: Math.floor(at / 1_000), body: text, secrets });
  const headers = { "content-type": "application/json", ...signed };
  return fetch(url, { method: "POST", headers, body: text }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    () => "no answer" as const,
  );
}

describe("mplus listen", () => {
  test("answers 200 and prints what came, how often, and how it was answered", async () => {
    const { url, waitFor } = await listen();
    expect(await post(`${url}a?b=c`)).toEqual({ status: 200, text: "" });
    await post(`${url}a`);
    const [first, second] = await waitFor(2);
    expect(first).toMatchObject({ method: "POST", url: "/a?b=c", body, times: 1, reply: 200 });
    expect(first?.headers).toMatchObject({ "webhook-id": "w1", "content-type": "application/json" });
    expect(second).toMatchObject({ times: 2 });
  });

  test.each(["text", "JSON"])("prints nothing that a terminal obeys, as %s", async (form) => {
    const running = begin(["listen", "--port", "0", ...(form === "JSON" ? ["--json"] : [])]);
    try {
      const said = () => running.output().stdout + running.output().stderr;
      const url = await until("it to listen", () => /http:\/\/127\.0\.0\.1:\d+\//.exec(said())?.[0]);
      const hostile = "\u001b[2J\u009b31m\u202etxt.exe\r";
      for (const text of [hostile, JSON.stringify({ hostile }), "the last"]) await post(url, { text });
      await until("all of it", () => said().includes("the last"));
      expect(said()).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
      expect(said().match(/\\u001b\[2J\\u009b31m\\u202etxt\.exe/g)).toHaveLength(2);
    } finally {
      await running.stop();
    }
  });

  test("prints for people, too", async () => {
    const running = begin(["listen", "--port", "0", "--secret", secret, "--status", "500"]);
    try {
      const url = await until("it to listen", () => /http:\/\/127\S+/.exec(running.output().stdout)?.[0]);
      await post(url, { secrets: [secret] });
      await post(url);
      const text = await until("both to be printed", () => {
        const { stdout } = running.output();
        return stdout.includes("SIGNATURE WRONG") && stdout;
      });
      expect(text).toContain("POST /  answered 500  webhook-id w1  signature verified");
      expect(text).toContain("seen 2 times  SIGNATURE WRONG: the header webhook-timestamp is missing");
      expect(text).toContain('  "destination": "+447700900123"');
    } finally {
      await running.stop();
    }
  });

  test("answers in turn, drops, and has a body", async () => {
    const { url, waitFor } = await listen("--sequence", "503,drop,201", "--body", "thanks");
    const answers = [await post(url), await post(url), await post(url), await post(url)];
    const thanks = { text: "thanks" };
    expect(answers).toEqual([
      { status: 503, ...thanks },
      "no answer",
      { status: 201, ...thanks },
      { status: 201, ...thanks },
    ]);
    expect((await waitFor(4)).map(({ reply }) => reply)).toEqual([503, "drop", 201, 201]);
  });

  test("drops each, or answers after a while, with a file's content", async () => {
    const dropping = await listen("--drop");
    expect(await post(dropping.url)).toBe("no answer");
    await dropping.stop();
    await writeFile(join(folder, "answer.txt"), "from a file");
    const { url } = await listen("--delay", "0.3", "--body", `@${join(folder, "answer.txt")}`);
    const start = performance.now();
    expect(await post(url)).toEqual({ status: 200, text: "from a file" });
    expect(performance.now() - start).toBeGreaterThanOrEqual(290);
  });

  test("passes on to a local program, and its answer back", async () => {
    local.script("/hook", { status: 418, headers: { "content-type": "text/plain" }, body: "short and stout" });
    const { url, waitFor } = await listen("--forward", local.url("/hook"));
    expect(await post(url, { secrets: [secret] })).toEqual({ status: 418, text: "short and stout" });
    const [came] = local.received("/hook");
    expect(came?.body).toBe(body);
    const [shown] = await waitFor(1);
    const names = ["webhook-id", "webhook-timestamp", "webhook-signature", "content-type"];
    for (const name of names) expect(came?.headers[name]).toBe((shown!.headers as Record<string, string>)[name]);
  });

  test("answers 502 where the local program does not", async () => {
    const { url, waitFor } = await listen("--forward", "http://127.0.0.1:1/");
    expect(await post(url)).toMatchObject({ status: 502 });
    expect((await waitFor(1))[0]).toMatchObject({ reply: 502, fault: expect.stringContaining("http://127.0.0.1:1/") });
  });

  test("keeps what it saw, and passes it on later, signed anew", async () => {
    const file = join(folder, "kept.jsonl");
    const { url, waitFor, stop } = await listen("--keep", file);
    await post(url, { id: "w1", secrets: [secret], at: Date.now() - 3_600_000 });
    await post(url, { id: "w2", text: '{"ü":1}' });
    await waitFor(2);
    await stop();
    expect((await readFile(file, "utf8")).trim().split("\n")).toHaveLength(2);
    const target = await listening("--secret", secret);
    try {
      const ended = await mplus(["listen", "--replay", file, "--forward", target.url, "--secret", secret]);
      expect(ended).toMatchObject({ code: 0, stderr: "" });
      expect(ended.stdout).toMatch(/w1 {2}answered 200\n.*w2 {2}answered 200\n$/);
      const seen = await target.waitFor(2);
      expect(seen).toMatchObject([
        { body, verified: true },
        { body: '{"ü":1}', verified: true },
      ]);
    } finally {
      await target.stop();
    }
  });

  /** Faults that Commander finds have 1 here; a program ends with 2 for them. */
  test.each<[args: string[], reason: string, exitCode?: number]>([
    [["--status", "99"], "not a status"],
    [["--status", "OK"], "not a status"],
    [["--sequence", "200,later"], "not a status"],
    [["--delay", "soon"], "not a number of seconds"],
    [["--forward", "https://example.com/"], "not an http URL"],
    [["--forward", "http://example.com/"], "not on this machine"],
    [["--forward", "http://10.0.0.1/"], "not on this machine"],
    [["--forward", "http://127.0.0.1:9/", "--status", "500"], "cannot be used with"],
    [["--sequence", "500", "--drop"], "cannot be used with"],
    [["--replay", "x"], "needs --forward", 2],
    [["--replay", "/nowhere", "--forward", "http://127.0.0.1:9/"], "ENOENT"],
    [["--body", "@/nowhere"], "ENOENT"],
  ])("refuses %j", async (args, reason, exitCode = 1) => {
    let said = "";
    const writeErr = (text: string): void => {
      said += text;
    };
    const command = listenCommand().exitOverride().configureOutput({ writeErr });
    await expect(command.parseAsync(["--port", "0", ...args], { from: "user" })).rejects.toMatchObject({ exitCode });
    expect(said).toContain(reason);
  });
});
