import { afterAll, describe, expect, test } from "vitest";
import { proxyTo } from "../../../sdk/test/proxy.ts";
import { operations } from "../reference/document.ts";
import { command } from "../support/command.ts";
import { newKey, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** Every request of the API is made by a command, or stands here with the reason why none makes it. */
const WITHOUT: Record<string, string> = {
  "post-carrier-receipts": "a carrier's provider posts it",
  "get-carrier-receipts": "a carrier's provider asks it",
  "post-carrier-inbound": "a carrier's provider posts it",
  "get-carrier-inbound": "a carrier's provider asks it",
  "post-rcs-event": "an RCS platform posts it",
  metrics: "Prometheus reads it, or curl",
  openapi: "a document for programs, by its address",
  docs: "a page for a browser",
  dashboard: "a page for a browser",
};

const operatorKey = newKey();
const program = await startProgram({
  config: {
    operatorKey,
    carriers: [{ id: "simulator", type: "simulator", receiptDelay: 0 }],
    callbacks: { retryDelays: [] },
  },
});
afterAll(program.stop);
const { api, url } = program;
const hooks = await receiver();
afterAll(hooks.close);
const proxy = await proxyTo(program.url);
afterAll(proxy.close);

const KEYS = {
  MPLUS_KEY: api.key,
  MPLUS_ORGANIZATION_KEY: program.organizationKey,
  MPLUS_OPERATOR_KEY: operatorKey,
};

/** Runs a command, and resolves with what it prints as JSON. */
async function run<Answer>(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await command([...args, "--url", proxy.url, "--json"], KEYS);
  if (stderr !== "") throw new Error(`${code}: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}

interface Made {
  identifier: string;
}

/** The operation of a request: `/webhooks/replay` rather than `/webhooks/{id}`. */
function operationOf(method: string, url: string): string | undefined {
  const { pathname } = new URL(url, proxy.url);
  const fits = operations.filter(
    (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname),
  );
  const holes = ({ path }: { path: string }) => path.split("{").length;
  return fits.sort((one, other) => holes(one) - holes(other))[0]?.operation.operationId;
}

test("every request of the API has its command", { timeout: 120_000 }, async () => {
  const send = ["+447700900123", "Hello", "--from", "Shop"];
  const sent = await run<{ messages: { messageUuid: string; batchUuid: string }[] }>(
    "send",
    ...send,
    "--callback",
    "http://127.0.0.1:9/",
  );
  const { messageUuid, batchUuid } = sent.messages[0]!;
  await run("show", messageUuid, "--watch");
  await run("find", "+447700900123");
  await run("status", batchUuid);
  await expect(run("show", batchUuid)).rejects.toThrow(`mplus status ${batchUuid} shows it.`);
  await expect(run("status", messageUuid)).rejects.toThrow(`mplus show ${messageUuid} shows it.`);
  const at = ["--at", new Date(Date.now() + 86_400_000).toISOString()];
  const held = await run<Made>("batch", "Hello", "447700900123", "--from", "Shop", ...at);
  await run("batches", "--scheduled");
  await run("batches");
  await run("cancel", held.identifier, "--yes");
  await run("send", ...send, "--dry-run");
  for (const command of ["codes", "languages", "whoami", "stats", "inbound", "endpoints", "health"]) await run(command);
  await until("the webhook", async () => (await run<{ items: object[] }>("webhook", "list")).items.length > 0);
  await run("webhook", "show", messageUuid);
  await run("replay", messageUuid);
  await run("replay", "--from", "2026-01-01T00:00Z", "--no-wait");

  const { identifier: account } = await run<Made>("account", "create", "News");
  await run("account", "list");
  await run("account", "show", account);
  await run("account", "rename", account, "Newsletter");
  await run("account", "topup", account, "0").catch(() => {});
  await run("account", "ledger", account);
  await run("account", "rotate-key", account, "--yes");
  await run("account", "webhook", account);
  await run("account", "webhook", account, "--events", "none");
  const key = await run<Made>("account", "keys", "create", account, "CI", "--scope", "read");
  await run("account", "keys", "list", account);
  await run("account", "keys", "revoke", account, key.identifier, "--yes");
  const login = await run<Made>("account", "smpp", "create", account);
  await run("account", "smpp", "list", account);
  await run("account", "smpp", "change", account, login.identifier, "--binds", "2");
  await run("account", "smpp", "rotate-password", account, login.identifier, "--yes");
  await run("account", "smpp", "delete", account, login.identifier, "--yes");
  await run("account", "smpp", "bound");
  const secret = await run<Made>("secret", "add", "--account", account);
  await run("secret", "list", "--account", account);
  await run("secret", "remove", secret.identifier, "--account", account, "--yes");
  await run("account", "deactivate", account, "--yes");
  const sender = await run<Made>("sender", "add", "Boutique");
  await run("sender", "list");
  await run("sender", "remove", sender.identifier, "--yes");
  await run("erase", "+447700900999", "--yes");
  await run("optouts", "+447700900999");
  await run("optouts", "+447700900999", "--delete", "--yes");
  const further = await run<Made>("org", "keys", "create", "Support", "--scope", "read");
  await run("org", "keys", "list");
  await run("org", "keys", "revoke", further.identifier, "--yes");
  await run("audit");

  const organization = await run<Made>("org", "create", "Acme");
  await run("org", "list");
  await run("org", "rename", organization.identifier, "Acme Ltd");
  await run("org", "rotate-key", organization.identifier, "--yes");
  await run("carrier", "list");
  await run("carrier", "pause", "simulator");
  await run("carrier", "resume", "simulator");
  await run("route", "+447700900123");
  await run("reload");

  const asked = new Set(proxy.passed.map(({ method, url }) => operationOf(method, url)));
  const all = operations.map(({ operation }) => operation.operationId);
  expect(all.filter((id) => !asked.has(id)).sort()).toEqual(Object.keys(WITHOUT).sort());
});

const asAccount = ["--url", url, "--key", api.key];
const asOrganization = ["--url", url, "--key", program.organizationKey];
const from = { type: "custom", value: "MyShop" };

async function exhausted(path: string, count: number): Promise<string[]> {
  hooks.script(path, 500);
  const messages = Array.from({ length: count }, () => ({
    from,
    to: "+447700900123",
    body: "x",
    callback: hooks.url(path),
  }));
  const ids = (await api.send({ messages })).map(({ messageUuid }) => messageUuid);
  await until("them to be exhausted", async () => {
    const { body } = await api.request<{ items: { id: string }[] }>("GET", "/webhooks?state=exhausted&limit=1000");
    return ids.every((id) => body.items.some((item) => item.id === id));
  });
  return ids;
}

describe("mplus replay", () => {
  test("has one tried again", async () => {
    const [id] = await exhausted("/one", 1);
    hooks.script("/one", 200);
    expect(await command(["replay", id!, ...asAccount])).toEqual({
      code: 0,
      stdout: "it is tried again\n",
      stderr: "",
    });
    await hooks.waitFor("/one", 2);
    const unknown = await command(["replay", "x", ...asAccount]);
    expect(unknown).toMatchObject({ code: 4, stderr: expect.stringContaining("404") });
  });

  test("has a range tried again, and waits for it", async () => {
    const since = new Date().toISOString();
    await exhausted("/range", 5);
    hooks.script("/range", 200);
    const ended = await command(["replay", "--from", since, "--rate", "4", ...asAccount]);
    expect(ended).toEqual({ code: 0, stdout: "5 replayed\n", stderr: "" });
    expect(hooks.received("/range")).toHaveLength(10);
    const again = await command(["replay", "--from", since, "--json", ...asAccount]);
    expect(JSON.parse(again.stdout)).toEqual({ replayed: 0, waiting: 0, retrying: 0 });
  });

  test("refuses what says no range", async () => {
    expect(await command(["replay", ...asAccount])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("say which"),
    });
    const yesterday = await command(["replay", "--from", "yesterday", ...asAccount]);
    expect(yesterday).toMatchObject({ code: 3, stderr: expect.stringContaining("from: is not a date") });
  });
});

test("mplus secret makes, lists and removes what the only account's webhooks are signed with", async () => {
  const added = await command(["secret", "add", ...asOrganization]);
  const [secret, identifier] = /^(whsec_\S+)\nidentifier (\S+)\n$/.exec(added.stdout)!.slice(1);
  expect(secret).toBeDefined();
  const { identifier: account } = (await program.database.pool.query("SELECT identifier FROM account ORDER BY id"))
    .rows[0];
  const json = await command(["secret", "add", "--account", account, "--json", ...asOrganization]);
  expect(JSON.parse(json.stdout)).toEqual({ identifier: expect.any(String), secret: expect.stringMatching(/^whsec_/) });
  expect(await command(["secret", "add", ...asOrganization])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("409"),
  });
  const listed = await command(["secret", "list", ...asOrganization]);
  expect(listed.stdout.trim().split("\n")).toHaveLength(2);
  expect(listed.stdout).toContain(identifier!);
  expect((await command(["secret", "remove", identifier!, "--yes", ...asOrganization])).stdout).toBe(
    `removed ${identifier}\n`,
  );
  expect((await command(["secret", "list", ...asOrganization])).stdout).not.toContain(identifier!);
});
