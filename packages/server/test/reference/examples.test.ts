import { execFile, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import * as example from "../../src/reference/examples.ts";
import { ORIGIN } from "../../src/reference/samples.ts";
import { byHand } from "../http-carriers/rig.ts";
import { RcsPlatform } from "../rcs/platform.ts";
import { keyFile } from "../rcs/rig.ts";
import type { Api } from "../support/api.ts";
import { endWithFile } from "../support/children.ts";
import { some } from "../support/long-run.ts";
import { testOrganization } from "../support/organization.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { document, type Json, operations, strictValidator } from "./document.ts";

/** The examples of the reference, run as they stand there, with keys and identifiers that are real. */
const hooks = await receiver();
afterAll(hooks.close);
const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    senders: { shared: ["447700900001"] },
    carriers: [
      { id: "simulator", type: "simulator", receiptDelay: 0.05 },
      // One that nothing is sent to.
      new RcsPlatform().carrier(await keyFile(new RcsPlatform().credentials)),
      byHand({ url: "http://127.0.0.1:1" }),
    ],
    callbacks: { allowPrivateAddresses: true },
  },
});
afterAll(program.stop);
const organization = await testOrganization(program.api.as(operatorKey), 1_000_000);

const from = { type: "custom", value: "Examples" };
const message = { from, to: example.HANDSET, body: "x", callback: hooks.url("/receipt") };
let senders = 0;

/** An account with credits and a message. */
async function inhabited() {
  const { api, identifier, path } = await organization.account(2_000);
  return { account: api, identifier, path, first: await api.send({ messages: [message] }) };
}
let common: ReturnType<typeof inhabited> | undefined;

/**
 * Makes anew the things that the examples name; `names` has their identifiers by the words that stand for them.
 * @param text whose names alone are made, beside a message that was sent; all without it, so that no list is empty
 */
async function world(text?: string): Promise<{ account: Api; names: Record<string, string>; sent: string }> {
  const needs = (...words: string[]) => text === undefined || words.some((word) => text.includes(word));
  // Examples that name no account change none: they share one, and its messages.
  common ??= inhabited();
  const isOwn = needs(example.ACCOUNT);
  const { account, identifier, path, first } = await (isOwn ? inhabited() : common);
  const isFirst = isOwn || !needs(example.MESSAGE, example.BATCH);
  const [sent] = isFirst ? first : await account.send({ messages: [message] });
  const { ACCOUNT, ORGANIZATION, BATCH, MESSAGE, SENDER, SECRET, KEY, GIVEN, CREDENTIAL } = example;
  const made: Record<string, () => Promise<string>> = {
    [BATCH]: async () =>
      (await account.send({ messages: [{ ...message, send_at: "2030-01-01T00:00Z" }] }))[0]!.batchUuid,
    [SENDER]: () => identifierOf(organization.api, "/sender", { value: `Sender${++senders}` }),
    [SECRET]: () => identifierOf(organization.api, `${path}/secret`, {}),
    [KEY]: () => identifierOf(organization.api, `${path}/keys`, { name: "x", scope: "read" }),
    [CREDENTIAL]: () => identifierOf(organization.api, `${path}/smpp`, {}),
  };
  const names: Record<string, string> = {
    ACCOUNT_KEY: account.key,
    ORGANIZATION_KEY: organization.api.key,
    OPERATOR_KEY: operatorKey,
    [ACCOUNT]: identifier,
    [ORGANIZATION]: organization.identifier,
    [MESSAGE]: sent!.messageUuid,
    [GIVEN]: randomUUID(),
  };
  for (const [name, make] of Object.entries(made)) {
    if (needs(name)) names[name] = await make();
  }
  return { account, sent: sent!.batchUuid, names };
}

/** Runs a text as it stands there. Rejects where it fails. */
const RUNNERS: Record<string, (text: string) => Promise<unknown>> = {
  // Here rather than in a process of its own, of which there would be a hundred. What it prints goes nowhere.
  JavaScript: (text) => new AsyncFunction("console", text)({ log: () => {} }),
  Python: (text) => inPython(text),
  // Without its tag: that is for files.
  PHP: (text) => run("php", ["-r", text.replace("<?php\n", "")]),
};
/** One interpreter, which starts for longer than an example takes, with a module's names anew for each. */
const PYTHON = `
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    fault = None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(json.loads(line), {"__name__": "__main__"})
    except BaseException:
        fault = traceback.format_exc()
    print(json.dumps(fault), flush=True)`;
let interpreter: { ask: Writable; answers: AsyncIterator<string> } | undefined;
async function inPython(text: string): Promise<void> {
  interpreter ??= startPython();
  interpreter.ask.write(`${JSON.stringify(text)}\n`);
  const fault = JSON.parse((await interpreter.answers.next()).value) as string | null;
  if (fault !== null) throw new Error(fault);
}
function startPython(): typeof interpreter & {} {
  const child = spawn("python3", ["-c", PYTHON], { stdio: ["pipe", "pipe", "inherit"] });
  endWithFile(child);
  return { ask: child.stdin, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}
const AsyncFunction = (async () => {}).constructor as new (...words: string[]) => (own: object) => Promise<void>;
const run = (command: string, args: string[]): Promise<unknown> =>
  promisify(execFile)(command, args, { maxBuffer: 16 * 1024 * 1024 });
const found = new Set(
  [["python3", "Python"] as const, ["php", "PHP"] as const].flatMap(([command, lang]) =>
    spawnSync(command, ["--version"]).status === 0 ? [lang] : [],
  ),
);
const isThere = (lang: string): boolean => lang === "Shell" || lang === "JavaScript" || found.has(lang as "PHP");
for (const lang of ["Python", "PHP"]) {
  if (!isThere(lang)) console.warn(`No ${lang} was found: the reference's examples in it were not run.`);
}

const commands = operations.flatMap(({ operation, method, path }) =>
  (operation as unknown as { "x-codeSamples": { lang: string; label: string; source: string }[] })["x-codeSamples"].map(
    (sample) => ({
      ...sample,
      operation,
      method,
      path,
    }),
  ),
);

// A usual run tries each in curl and in one other language: the others are the same call in other words.
const tried = operations.flatMap(({ path, method }) => {
  const own = commands.filter((command) => command.path === path && command.method === method && isThere(command.lang));
  return [
    ...own.filter(({ lang }) => lang === "Shell"),
    ...some(
      own.filter(({ lang }) => lang !== "Shell"),
      3,
    ),
  ];
});

test.each(tried)("$method $path: $label", async (command) => {
  const { lang, source, operation, method, path } = command;
  const { account, names, sent } = await world(lang === "Shell" ? undefined : source);
  if (path === "/batch/{uuid}" && method === "GET") names[example.BATCH] = sent;
  if (path.startsWith("/webhooks/")) await webhookOf(account, names[example.MESSAGE]!);
  if (path.startsWith("/organization-keys/")) {
    names[example.KEY] = await identifierOf(organization.api, "/organization-keys", { name: "x", scope: "read" });
  }
  // A sender ID is registered once.
  if (path === "/sender" && method === "POST") await forgetSenders();
  // Its key is needed for what comes after it.
  if (path === "/organization/{uuid}/key") {
    names[example.ORGANIZATION] = (await testOrganization(program.api.as(operatorKey))).identifier;
  }
  const text = real(source, names);
  if (lang !== "Shell") {
    await RUNNERS[lang]!(text.replaceAll(ORIGIN, program.url));
    return;
  }
  const [, verb, url, body] = /^curl (?:-X (\w+) )?'([^']+)'(?: -d '(.*)')?$/s.exec(text)!;
  expect(url!.startsWith(ORIGIN)).toBe(true);
  const options = body === undefined ? {} : { body: body.replaceAll("'\\''", "'") };
  const answer = await program.api.request<Json>(
    verb ?? (body === undefined ? "GET" : "POST"),
    url!.slice(ORIGIN.length),
    { ...options, key: null },
  );
  expect({ method: verb ?? (body === undefined ? "GET" : "POST"), status: answer.status, text: answer.text }).toEqual({
    method,
    status: 200,
    text: answer.text,
  });
  const [[type, { schema }]] = Object.entries(operation.responses["200"]!.content!) as [[string, { schema: Json }]];
  expect(answer.headers["content-type"]).toContain(type);
  if (type === "application/json" && operation.operationId !== "openapi") {
    expect(faultsOf(schema, answer.body)).toEqual([]);
  }
});

test("every operation has an example in four languages", () => {
  for (const { path, method } of operations) {
    const own = commands.filter((command) => command.path === path && command.method === method);
    const languages = new Set(own.map(({ lang }) => lang));
    expect({ path, languages }).toEqual({ path, languages: new Set(["Shell", "JavaScript", "Python", "PHP"]) });
  }
});

test("the document comes as it was made, and not again to whoever has it", async () => {
  const { status, headers, body } = await program.api.request("GET", "/openapi.json", { key: null });
  expect({ status, body }).toEqual({ status: 200, body: document });
  const again = { key: null, headers: { "if-none-match": headers.etag! } };
  expect(await program.api.request("GET", "/openapi.json", again)).toMatchObject({ status: 304, text: "" });
});

describe("what is answered is in the reference, and nothing else", () => {
  test.each([
    ["/webhooks", "/webhooks"],
    ["/webhooks/{id}", `/webhooks/${example.MESSAGE}`],
    ["/batch", "/batch?limit=1"],
    ["/batch/{uuid}", `/batch/${example.BATCH}?details=true&limit=1`],
    ["/batch/{uuid}", `/batch/${example.BATCH}`],
  ])("GET %s", async (path, asked) => {
    const { account, names, sent } = await world();
    if (path === "/batch/{uuid}") names[example.BATCH] = sent;
    await webhookOf(account, names[example.MESSAGE]!);
    const { body } = await account.request<Json>("GET", real(asked, names));
    const [rows] = Object.values(body).filter(Array.isArray);
    if (asked !== `/batch/${example.BATCH}`) expect(rows).toHaveLength(1);
    expect(faultsOf(schemaOf(path), body)).toEqual([]);
  });

  test("webhooks: a receipt, and an inbound message, which GET /inbound lists", async () => {
    const { api, path } = await organization.account(10);
    await organization.api.request("PUT", `${path}/webhook`, { body: { inbound_url: hooks.url("/inbound") } });
    await api.send({
      messages: [{ from: { type: "shared" }, to: "447700900911", body: "x", callback: hooks.url("/said") }],
    });
    const [receipt] = await hooks.waitFor("/said", 1);
    const [inbound] = await hooks.waitFor("/inbound", 1);
    expect(faultsOf(webhookSchema("receipt"), JSON.parse(receipt!.body))).toEqual([]);
    expect(faultsOf(webhookSchema("inbound-message"), JSON.parse(inbound!.body))).toEqual([]);
    const { body } = await api.request<Json>("GET", "/inbound");
    expect(body).toMatchObject({ items: [JSON.parse(inbound!.body)] });
    expect(faultsOf(schemaOf("/inbound"), body)).toEqual([]);
  });
});

describe.each(operations)("$method $path", ({ method, path, operation }) => {
  const holders = new Set(operation.security.map((one) => Object.keys(one)[0]!.replace(/Key$|Token$/, "")));
  const whose = holders.size === 3 ? "any key" : `the ${[...holders].join(" or ")}'s key`;

  test(`is opened by ${holders.size === 0 ? "anybody" : whose} alone`, async () => {
    const keys = { account: program.api.key, organization: organization.api.key, operator: operatorKey };
    const asked = path
      .replace("{carrier}", "rbm")
      .replace("/carriers/{id}", "/carriers/own")
      .replace(/\{\w+\}/g, randomUUID());
    const [example] = Object.values(operation.requestBody?.content["application/json"]?.examples ?? {});
    const { status } = await program.api.request(method, asked, { key: null, body: example?.value });
    expect(status).toBe(holders.size === 0 ? 200 : 400);
    if (holders.size === 0) return;
    for (const [holder, key] of Object.entries(keys)) {
      const inQuery = await program.api.request<Json>(method, asked, { key });
      const inHeader = await program.api.request<Json>(method, asked, {
        key: null,
        headers: { authorization: `Bearer ${key}` },
      });
      const isRefused = !holders.has(holder);
      const refused = {
        inQuery: inQuery.body?.type === "/docs#problem-invalid-key",
        inHeader: inHeader.status === 401,
      };
      expect({ holder, ...refused }).toEqual({ holder, inQuery: isRefused, inHeader: isRefused });
    }
  });
});

function real(text: string, names: Record<string, string>): string {
  return Object.entries(names).reduce((told, [name, value]) => told.replaceAll(name, value), text);
}

async function identifierOf(api: Api, path: string, body: object): Promise<string> {
  const answer = await api.request<{ identifier: string }>("POST", path, { body });
  return answer.body.identifier;
}

async function forgetSenders(): Promise<void> {
  const { body } = await organization.api.request<{ items: { identifier: string; value: string }[] }>("GET", "/sender");
  const registered = body.items.filter(({ value }) => !value.startsWith("Sender"));
  for (const { identifier } of registered) await organization.api.request("DELETE", `/sender/${identifier}`);
}

/** Waits until the message's webhook was delivered. */
async function webhookOf(account: Api, message: string): Promise<void> {
  await until("a webhook that was delivered", async () => {
    const { body } = await account.request<{ items: { id: string }[] }>("GET", "/webhooks?state=delivered");
    return body.items.some(({ id }) => id === message);
  });
}

function schemaOf(path: string): Json {
  return document.paths[path]!.get!.responses["200"]!.content!["application/json"]!.schema;
}

function webhookSchema(name: string): Json {
  return document.webhooks[name]!.post.requestBody!.content["application/json"]!.schema;
}

function faultsOf(schema: Json, value: unknown): unknown[] {
  const check = strictValidator(schema);
  check(value);
  return check.errors ?? [];
}
