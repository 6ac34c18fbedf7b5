import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newSecretKey, secretText } from "../../server/src/message/webhook-secret.ts";
import { startWithClients } from "./clients.ts";

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const program = await startWithClients();
afterAll(program.stop);

test("what is built runs where there is nothing but the web's standards", async () => {
  const script = fileURLToPath(new URL("web-only.mjs", import.meta.url));
  const words = [new URL("../dist", import.meta.url).href, program.url, program.api.key, secretText(newSecretKey())];
  const { stdout } = await run(process.execPath, ["--experimental-vm-modules", "--no-warnings", script, ...words]);
  expect(JSON.parse(stdout)).toEqual({
    to: "+447700900123",
    problem: "batch-not-pending",
    pending: [],
    kind: "inbound",
  });
});

describe("its types", () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mplus-sdk-types-"));
    await symlink(join(PACKAGE, "../../node_modules"), join(folder, "node_modules"));
    const lines = [
      'import { MessagingPlus, parseWebhook, type Webhook } from "@messaging-plus/sdk";',
      'export const client = new MessagingPlus({ baseUrl: new URL("http://127.0.0.1:8080"), fetch });',
      "export const parse = (request: Request): Promise<Webhook> => parseWebhook(request, { secrets: [] });",
    ];
    await writeFile(join(folder, "use.ts"), lines.join("\n"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ["a browser's", ["--lib", "es2023,dom", "--types", ""]],
    ["Node's", ["--lib", "es2023", "--types", "node"]],
  ])("are whole beside %s", async (_name, more) => {
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023", "--skipLibCheck", "false"];
    await run(process.execPath, [tsc, ...options, ...more, "use.ts"], { cwd: folder }).catch(
      (error: { stdout: string }) => expect.fail(error.stdout),
    );
  });
});
