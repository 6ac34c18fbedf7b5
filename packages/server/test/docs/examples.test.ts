import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TriedPlatform } from "../../src/cli/simulate/rcs.ts";
import { keyFile } from "../rcs/rig.ts";
import { MPLUS } from "../support/mplus.ts";
import { type Program, startProgram } from "../support/program.ts";
import { type Received, type Receiver, receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { Bindings, blocksOf, type Example, examplesOf } from "./example.ts";
import { page, ROOT } from "./page.ts";

/** The commands of the README and the guides, run by a shell as they stand there, each page on a fresh program. */
const guides = readdirSync(`${ROOT}/docs/guides`).map((name) => `docs/guides/${name}`);
/** Installing, the suites themselves, what runs until it is stopped; and test/backup/ has a store to spare. */
const NOT_DONE = /^(npm |python3 -m (?:venv|pip)|npx mplus (listen$|serve$|simulate |backup |restore ))/;
const pages = ["README.md", ...guides.sort()].flatMap((path) => {
  const examples = examplesOf(page(path)).filter(({ command }) => !NOT_DONE.test(command));
  return examples.length === 0 ? [] : [{ path, examples }];
});

/** A program as it starts by itself: it makes its keys. Receipts come sooner, and callbacks may go to the test. */
const FRESH = {
  dataDir: "./data",
  carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0.05 }],
  callbacks: { allowPrivateAddresses: true },
};
const TIMES = { receiptDelay: 0.05, readDelay: 0.05 };
/** The program of this build, in place of the one that a registry would give. */
const SHELL = `set -o pipefail\nnpx() { shift; "${process.execPath}" "${MPLUS}" "$@"; }\n`;

describe.each(pages)("$path", ({ path, examples }) => {
  let program: Program;
  let hooks: Receiver;
  let platform: TriedPlatform;
  const bindings = new Bindings({});
  /** Variables of the shell that the page has set. */
  const variables: Record<string, string> = {};
  const seen: Received[] = [];

  beforeAll(async () => {
    hooks = await receiver();
    platform = new TriedPlatform({ clientToken: "simulated", webhook: null }, TIMES, () => {});
    await platform.listen();
    const ports = { "http://127.0.0.1:8095": platform.url, "./rcs-key.json": await keyFile(platform.credentials) };
    program = await startProgram({ keys: "its own", config: { ...FRESH, ...configurationOf(path, ports) } });
    platform.webhook = `${program.url}/rcs/rbm`;
    const keys = JSON.parse(await readFile(`${program.folder}/data/keys.json`, "utf8")) as Record<string, string>;
    const words = {
      YOUR_KEY: keys.accountKey!,
      "http://127.0.0.1:8080": program.url,
      "http://127.0.0.1:8090": new URL(hooks.url("/")).origin,
      "http://127.0.0.1:8095": platform.url,
    };
    for (const [name, value] of Object.entries(words)) bindings.bind(name, value);
  });
  afterAll(async () => {
    await program.stop();
    await platform.close();
    await hooks.close();
  });

  test.each(examples)("$command", async (example) => {
    const command = bindings.real(example.command);
    const [, variable] = /^([A-Z_]+)=/.exec(command) ?? [];
    if (variable !== undefined) {
      const { stdout } = await shell(`${command}\nprintf %s "$${variable}"`);
      expect(stdout).not.toBe("");
      variables[variable] = stdout;
      return;
    }
    // A question is asked again until the answer is as the page says: receipts take their time.
    const isAsked = /^npx mplus status /.test(command) || (/^curl /.test(command) && !/ (?:-d|-X) /.test(command));
    let last = await shell(command);
    const giveUpAt = Date.now() + 20_000;
    await until("the page's answer", async () => {
      if (!isAsked || fits(last.stdout, example) || Date.now() > giveUpAt) return true;
      last = await shell(command);
      return false;
    });
    // The command of the README is the one that a start prints, as short as it may be.
    if (path !== "README.md") expect(last.stdout.endsWith("\n")).toBe(true);
    if (example.answer !== undefined) {
      const got = JSON.parse(last.stdout) as unknown;
      expect(got).toEqual(bindings.fit(example.answer, got));
    } else if (example.output !== undefined) {
      for (const [expected, got] of wordsOfText(last.stdout, example.output)) expect(got).toBe(expected);
    } else if (command.startsWith("curl ")) {
      expect(JSON.parse(last.stdout)).not.toHaveProperty("status");
    }
    if (example.webhook !== undefined) await told(example.webhook);
  });

  /** Runs a command as the reader's shell does, in the folder of the program. */
  function shell(command: string): Promise<{ stdout: string; stderr: string }> {
    // Its configuration has another name here than the one that commands look for.
    const env = { PATH: process.env.PATH, MPLUS_CONFIG: `${program.folder}/config.json`, ...variables };
    // Its standard input is a socket: bash would take itself for the shell of a remote host and read ~/.bashrc.
    return promisify(execFile)("bash", ["--norc", "-c", SHELL + command.replaceAll("curl ", "curl -sS ")], {
      cwd: program.folder,
      env,
    });
  }

  function fits(stdout: string, { answer, output }: Example): boolean {
    if (output !== undefined) return wordsOfText(stdout, output).every(([expected, got]) => expected === got);
    if (answer === undefined) return true;
    const got = JSON.parse(stdout) as unknown;
    return JSON.stringify(sorted(got)) === JSON.stringify(sorted(bindings.fit(answer, got)));
  }

  /** Word by word, as much space between them as there may be. */
  function wordsOfText(got: string, expected: string): [unknown, string | undefined][] {
    const words = got.split(/\s+/);
    const wanted = expected.split(/\s+/);
    return [
      [wanted.length, words.length as unknown as string],
      ...wanted.map((word, at): [unknown, string | undefined] => [bindings.fit(word, words[at]), words[at]]),
    ];
  }

  async function told(expected: unknown): Promise<void> {
    const hook = await until("the page's webhook", () => hooks.all().find((one) => !seen.includes(one)));
    seen.push(hook);
    const got = JSON.parse(hook.body) as unknown;
    expect(got).toEqual(bindings.fit(expected, got));
  }
});

/** The configuration that the page begins with; its readers put it into theirs. */
function configurationOf(path: string, real: Record<string, string>): object {
  const [block] = blocksOf(page(path)).filter(({ info }) => info === "json config");
  if (path === "README.md" || block === undefined) return {};
  const text = Object.entries(real).reduce((told, [name, value]) => told.replaceAll(name, value), block.text);
  const { carriers = [], ...config } = JSON.parse(text) as { carriers?: { type: string }[] };
  if (carriers.length === 0) return config;
  return {
    ...config,
    carriers: carriers.map((one) => (one.type === "simulator" ? { ...one, receiptDelay: 0.05 } : one)),
  };
}

/** With the members of objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
