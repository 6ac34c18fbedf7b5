import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Webhook } from "standardwebhooks";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { newSecretKey, secretText } from "../../server/src/message/webhook-secret.ts";
import { receiptExample } from "../../server/src/reference/webhooks.ts";
import { blocksOf } from "../../server/test/docs/example.ts";
import { rowsOf } from "../../server/test/docs/page.ts";
import { methodNames, startWithClients } from "./clients.ts";

/** The README's examples, done as they stand there. */
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(PACKAGE, "README.md"), "utf8");
const blocks = blocksOf(readme);
const texts = (kind: string) => blocks.filter(({ info }) => info === kind).map(({ text }) => text);
const [receiver] = texts("js").filter((text) => text.includes("export default"));
const folder = await mkdtemp(join(tmpdir(), "mplus-sdk-readme-"));
await symlink(join(PACKAGE, "../../node_modules"), join(folder, "node_modules"));
afterAll(() => rm(folder, { recursive: true }));

test("what is sent, and what goes wrong, prints what stands there", async () => {
  const program = await startWithClients();
  onTestFinished(program.stop);
  const code = texts("js").filter((text) => text !== receiver);
  const real = code.join("").replace("http://127.0.0.1:8080", program.url).replace("YOUR_KEY", program.api.key);
  await writeFile(join(folder, "send.mjs"), real);
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "send.mjs")]);
  expect(stdout).toBe(texts("text").join(""));
});

test("the receiver takes what is signed, and nothing else", async () => {
  await writeFile(join(folder, "receive.mjs"), receiver!);
  const { default: worker } = await import(pathToFileURL(join(folder, "receive.mjs")).href);
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => {
    for (const spy of [log, error]) spy.mockRestore();
  });
  const secret = secretText(newSecretKey());
  const body = JSON.stringify(receiptExample);
  const request = (signedBy: string) => {
    const timestamp = new Date();
    const headers = {
      "webhook-id": "x",
      "webhook-timestamp": String(Math.floor(timestamp.getTime() / 1_000)),
      "webhook-signature": new Webhook(signedBy).sign("x", timestamp, body),
    };
    return new Request("http://127.0.0.1/", { method: "POST", headers, body });
  };
  const env = { WEBHOOK_SECRET: secret };
  expect((await worker.fetch(request(secret), env)).status).toBe(204);
  expect(log.mock.calls).toEqual([[expect.stringMatching(/^[0-9a-f-]{36}$/), "Successful"]]);
  expect((await worker.fetch(request(secretText(newSecretKey())), env)).status).toBe(400);
});

test("the table names every method", () => {
  const named = rowsOf(readme)
    .filter((row) => row.length === 3)
    .flatMap(([group, , methods]) => methods!.split(", ").map((method) => `${group}.${method}`));
  expect(named.sort()).toEqual(methodNames().sort());
});
