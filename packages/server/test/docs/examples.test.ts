import { readdirSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { TriedPlatform } from "../../src/cli/simulate/rcs.ts";
import { keyFile } from "../rcs/rig.ts";
import { Api } from "../support/api.ts";
import { mplus } from "../support/mplus.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { type Received, receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { Bindings, type Example, examplesOf, wordsOf } from "./example.ts";
import { page, ROOT } from "./page.ts";

/** The examples of the README and the guides, done as they stand there, one page after the other. */
const guides = readdirSync(`${ROOT}/docs/guides`).map((name) => `docs/guides/${name}`);
/** Installing, the suites themselves, what runs until it is stopped; and test/backup/ has a store to spare. */
const NOT_DONE = /^(npm |npx mplus (listen$|simulate |backup |restore ))/;
const pages = ["README.md", ...guides.sort()].flatMap((path) => {
  const examples = examplesOf(page(path)).filter(({ command }) => !NOT_DONE.test(command));
  return examples.length === 0 ? [] : [{ path, examples }];
});

const clientToken = newKey();
const platform = new TriedPlatform({ clientToken, webhook: null }, { receiptDelay: 0.05, readDelay: 0.05 }, () => {});
await platform.listen();
afterAll(() => platform.close());
const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    senders: { shared: ["447700900001"] },
    carriers: [
      { id: "simulator", type: "simulator", receiptDelay: 0.05 },
      {
        id: "rbm",
        type: "rcs",
        baseUrl: platform.url,
        agentId: "my_shop",
        credentialsFile: await keyFile(platform.credentials),
        clientToken,
      },
    ],
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
platform.webhook = `${program.url}/rcs/rbm`;

describe.each(pages)("$path", async ({ examples }) => {
  const hooks = await receiver();
  afterAll(hooks.close);
  const operator = program.api.as(operatorKey);
  const organization = await testOrganization(operator);
  const { body: account } = await organization.api.request<{ apiKey: string }>("POST", "/account", {
    body: { name: "Shop" },
  });
  const keys = { MPLUS_KEY: account.apiKey, MPLUS_ORGANIZATION_KEY: organization.api.key };
  const bindings = new Bindings({
    YOUR_KEY: account.apiKey,
    YOUR_ORGANIZATION_KEY: organization.api.key,
    YOUR_OPERATOR_KEY: operatorKey,
    "http://127.0.0.1:8080": program.url,
    "http://127.0.0.1:8095": platform.url,
    "http://127.0.0.1:8090": new URL(hooks.url("/")).origin,
  });
  const seen: Received[] = [];

  test.each(examples)("$command", async (example) => {
    const words = wordsOf(bindings.real(example.command));
    if (words[0] === "curl") await ask(words, example);
    else await run(words, example.output);
    if (example.webhook !== undefined) await told(example.webhook);
  });

  /** What is asked for is asked again until it is as the page says: receipts take their time. */
  async function ask(words: readonly string[], { answer }: Example): Promise<void> {
    const { method, url, body, headers } = requestOf(words);
    const { origin } = new URL(url);
    const api = new Api(origin, program.api.key);
    const request = () => api.request<unknown>(method, url.slice(origin.length), { body, headers, key: null });
    let last = await request();
    const fits = () => JSON.stringify(sorted(last.body)) === JSON.stringify(sorted(bindings.fit(answer, last.body)));
    if (answer === undefined) {
      expect({ status: last.status, text: last.text }).toEqual({ status: 200, text: last.text });
      return;
    }
    if (method === "GET") {
      const giveUpAt = Date.now() + 20_000;
      await until("the page's answer", async () => {
        if (fits() || Date.now() > giveUpAt) return true;
        last = await request();
        return false;
      });
    }
    expect(last.body).toEqual(bindings.fit(answer, last.body));
  }

  async function run(words: readonly string[], output: string | undefined): Promise<void> {
    expect(words.slice(0, 2)).toEqual(["npx", "mplus"]);
    const { port } = new URL(program.url);
    let last = await mplus(words.slice(2), { ...keys, MPLUS_SERVER_PORT: port });
    const fits = () => wordsOfText(last.stdout, output ?? last.stdout);
    if (words[2] === "status") {
      await until("the page's output", async () => {
        if (fits().every(([expected, got]) => expected === got)) return true;
        last = await mplus(words.slice(2), { ...keys, MPLUS_SERVER_PORT: port });
        return false;
      });
    }
    expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: "" });
    for (const [expected, got] of fits()) expect(got).toBe(expected);
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

interface Request {
  method: string;
  url: string;
  body: string | undefined;
  headers: Record<string, string>;
}

/** What curl makes of these words. */
function requestOf(words: readonly string[]): Request {
  const request: Request = { method: "GET", url: "", body: undefined, headers: {} };
  for (let at = 1; at < words.length; at++) {
    const word = words[at]!;
    if (word === "-X") request.method = words[++at]!;
    else if (word === "-d") {
      request.body = words[++at]!;
      if (request.method === "GET") request.method = "POST";
    } else if (word === "-H") {
      const [, name, value] = /^([^:]+): (.*)$/.exec(words[++at]!)!;
      request.headers[name!] = value!;
    } else request.url = word;
  }
  return request;
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
