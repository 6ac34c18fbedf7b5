import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newSecretKey, secretText } from "../../server/src/message/webhook-secret.ts";
import { startWithClients } from "./clients.ts";

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const program = await startWithClients();
afterAll(program.stop);
const folder = await mkdtemp(join(tmpdir(), "mplus-sdk-runtimes-"));
afterAll(() => rm(folder, { recursive: true }));
await symlink(join(PACKAGE, "../../node_modules"), join(folder, "node_modules"));

describe("what is built runs", () => {
  const secret = secretText(newSecretKey());
  const body = '{"mo_uuid":"x"}';
  const timestamp = Math.floor(Date.now() / 1_000);
  const headers = {
    "webhook-id": "x",
    "webhook-timestamp": String(timestamp),
    "webhook-signature": new Webhook(secret).sign("x", new Date(timestamp * 1_000), body),
  };
  const given = JSON.stringify({ baseUrl: program.url, key: program.api.key, secret, webhook: { headers, body } });
  const came = {
    to: "+447700900123",
    problem: "batch-not-pending",
    pending: [],
    gone: "gone",
    kind: "inbound",
    refused: "WebhookError",
  };

  test("where there is nothing but the web's standards", async () => {
    const script = fileURLToPath(new URL("web-only.mjs", import.meta.url));
    const options = ["--experimental-vm-modules", "--no-warnings"];
    const { stdout } = await run(process.execPath, [...options, script, given]);
    expect(JSON.parse(stdout)).toEqual(came);
  });

  const others = [
    { name: "Node", command: process.execPath, options: [] },
    { name: "Deno", command: "deno", options: ["run", "--allow-net=127.0.0.1"] },
    { name: "Bun", command: "bun", options: [] },
  ];
  const isThere = ({ command }: { command: string }) => spawnSync(command, ["--version"]).status === 0;

  test.each(others.filter(isThere))("in $name", async ({ command, options }) => {
    const script = join(folder, "main.mjs");
    const exercise = new URL("exercise.mjs", import.meta.url);
    await writeFile(
      script,
      `import { exercise } from "${exercise}";\nconsole.log(JSON.stringify(await exercise(${given})));\n`,
    );
    const { stdout } = await run(command, [...options, script]);
    expect(JSON.parse(stdout)).toEqual(came);
  });
});

test("a CommonJS module requires what is built, in the oldest Node too, and is told nothing of experiments", async () => {
  const script = join(folder, "main.cjs");
  const text = `const { MessagingPlus, parseWebhook } = require("@messaging-plus/sdk");
new MessagingPlus({ baseUrl: ${JSON.stringify(program.url)} }).server.live().then(({ status }) => console.log(status, typeof parseWebhook));
`;
  await writeFile(script, text);
  const { stdout, stderr } = await run(process.execPath, [script]);
  expect({ stdout, stderr }).toEqual({ stdout: "live function\n", stderr: "" });
});

describe("its types", () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  beforeAll(async () => {
    const lines = [
      'import { MessagingPlus, parseWebhook, type Webhook } from "@messaging-plus/sdk";',
      'export const client = new MessagingPlus({ baseUrl: new URL("http://127.0.0.1:8080"), fetch });',
      "export const parse = (request: Request): Promise<Webhook> => parseWebhook(request, { secrets: [] });",
    ];
    await writeFile(join(folder, "use.ts"), lines.join("\n"));
    await writeFile(join(folder, "use.cts"), lines.join("\n"));
  });

  test.each([
    ["a browser's", ["--lib", "es2023,dom", "--types", ""]],
    ["Node's", ["--lib", "es2023", "--types", "node"]],
  ])("are whole beside %s", async (_name, more) => {
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023", "--skipLibCheck", "false"];
    await run(process.execPath, [tsc, ...options, ...more, "use.ts", "use.cts"], { cwd: folder }).catch(
      (error: { stdout: string }) => expect.fail(error.stdout),
    );
  });
});
