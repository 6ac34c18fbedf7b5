import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { blocksOf } from "../../server/test/docs/example.ts";
import { page } from "../../server/test/docs/page.ts";
import { endWithFile } from "../../server/test/support/children.ts";
import { until } from "../../server/test/support/until.ts";
import { startWithClients } from "./clients.ts";

/** The handlers of docs/guides/frameworks.md, as they stand there, with the webhooks of the program. */
const [express, fastify, hono, next, ...others] = blocksOf(page("docs/guides/frameworks.md")).map(({ text }) => text);
const folder = await mkdtemp(join(tmpdir(), "mplus-frameworks-"));
afterAll(() => rm(folder, { recursive: true }));
await symlink(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(folder, "node_modules"));

const program = await startWithClients();
afterAll(program.stop);
const { accounts } = await program.organization.accounts.list();
const { secret } = await program.organization.accountWebhooks.createSecret(accounts[0]!.identifier);

/** Serves what is a function of a `Request`, as the platforms of Hono and Next do. */
const serving = (imported: string, answer: string) => `import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import ${imported} from "./handler.mjs";
createServer(async (incoming, outgoing) => {
  const { method, headers } = incoming;
  const request = new Request(new URL(incoming.url, "http://127.0.0.1"), { method, headers, body: await buffer(incoming) });
  const response = await ${answer};
  outgoing.writeHead(response.status).end(await response.text());
}).listen(3000, "127.0.0.1");
`;

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

/** Runs a handler until the test has ended; answers its URL, and what it printed so far. */
async function run(handler: string, main = 'import "./handler.mjs";'): Promise<{ url: string; output(): string }> {
  const own = await mkdtemp(join(folder, "handler-"));
  const port = await freePort();
  await writeFile(join(own, "handler.mjs"), handler.replace("3000", port));
  await writeFile(join(own, "main.mjs"), main.replace("3000", port));
  const env = { PATH: process.env.PATH, WEBHOOK_SECRET: secret };
  const child = spawn(process.execPath, ["main.mjs"], { cwd: own, env, stdio: ["ignore", "pipe", "pipe"] });
  endWithFile(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const url = `http://127.0.0.1:${port}/receipts`;
  const listens = () =>
    fetch(url, { method: "POST" }).then(
      () => true,
      () => false,
    );
  await until("the handler to listen", listens, () => output);
  return { url, output: () => output };
}

const send = async (callback: string) => {
  const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x", callback } as const;
  const { messages } = await program.account.messages.send({ messages: [message] });
  return messages[0]!.messageUuid;
};

describe.each([
  { name: "Express", handler: express!, main: undefined },
  { name: "Fastify", handler: fastify!, main: undefined },
  { name: "Hono", handler: hono!, main: serving("app", "app.fetch(request)") },
  { name: "Next.js", handler: next!, main: serving("{ POST }", "POST(request)") },
])("the handler for $name", ({ handler, main }) => {
  test("takes what the program sends, and refuses what it does not", async () => {
    const { url, output } = await run(handler, main);
    const message = await send(url);
    await until("the receipt to be taken", async () => {
      return (await program.account.webhooks.list({ state: "delivered", message }).page()).items.length > 0;
    });
    expect(output()).toContain(`receipt ${message} {`);
    const forged = await fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    expect({ status: forged.status, text: await forged.text() }).toEqual({
      status: 400,
      text: expect.stringContaining("the header webhook-id is missing"),
    });
  });
});

test.each([
  ["Express", express!.replace('express.raw({ type: "*/*" })', "express.json()"), "express.raw"],
  ["Fastify", fastify!.replace(/^.*ContentTypeParser.*$/gm, ""), 'parseAs: "buffer"'],
])("where %s has parsed the body, the answer says what to do", async (_name, handler, words) => {
  const { url } = await run(handler);
  const answer = await fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  expect({ status: answer.status, text: await answer.text() }).toEqual({
    status: 400,
    text: expect.stringContaining(words),
  });
});

test("the page has no other handlers", () => {
  expect(others).toEqual([]);
});
