import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, methodNames, startWithClients } from "../../sdk/test/clients.ts";
import { body, now, other, own, signed, third, VECTORS } from "../../sdk/test/webhook-vectors.ts";
import { receiptExample } from "../../server/src/reference/webhooks.ts";
import { PROBLEMS } from "../../server/src/runtime/problems.ts";
import { blocksOf } from "../../server/test/docs/example.ts";
import { page, rowsOf } from "../../server/test/docs/page.ts";
import { operations } from "../../server/test/reference/document.ts";
import { newKey } from "../../server/test/support/program.ts";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
/** The oldest Python that the client runs on. */
const OLD_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))";
const isThere = spawnSync("python3", ["-c", OLD_ENOUGH]).status === 0;
if (!isThere) console.warn("No python3 of 3.11 or later was found: the Python client was not tried.");

/** The test vectors of docs/webhooks.md. */
function documented() {
  const text = page("docs/webhooks.md");
  const secrets = [...text.matchAll(/`(whsec_\w+=)`\s\(\d/g)].map(([, secret]) => secret!);
  const timestamp = /Timestamp: `(\d+)`/.exec(text)![1]!;
  const vectors = rowsOf(text).filter((row) => row[3]?.startsWith("v1,"));
  const webhooks = vectors.map(([id, , sent, signature]) => ({
    headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature },
    body: sent,
  }));
  expect({ secrets: secrets.length, webhooks: webhooks.length }).toEqual({ secrets: 2, webhooks: 4 });
  return { secrets, timestamp, webhooks, inbound: vectors[2]![2], signature: /has\s`signature: (\w+)`/.exec(text)![1] };
}

describe.skipIf(!isThere)("the Python client", () => {
  let folder: string;
  let program: Clients;
  beforeAll(async () => {
    program = await startWithClients({
      config: { senders: { shared: ["447700900001", "447700900002"] }, callbacks: { retryDelays: [] } },
    });
    folder = await mkdtemp(join(tmpdir(), "mplus-python-"));
    const unknown = ["{}", '{"type":"endpoint.moved","data":{}}', "[]", "null", "not JSON"];
    const given = {
      url: program.url,
      keys: {
        account: program.api.key,
        organization: program.organizationKey,
        operator: program.operatorKey,
        wrong: newKey(),
      },
      methods: methodNames(),
      // The paths that carriers' providers and RCS platforms post to are not for callers.
      operations: operations
        .map(({ method, path }) => `${method} ${path}`)
        .filter((name) => !/\/rcs\/|\/carriers\/\{id\}\/(receipts|inbound)/.test(name)),
      problems: Object.fromEntries(Object.entries(PROBLEMS).map(([name, { status }]) => [name, status])),
      webhooks: {
        own,
        other,
        now,
        body,
        right: signed([own]),
        vectors: VECTORS,
        unknown: unknown.map((text) => ({ headers: signed([own], { text }), body: text })),
      },
      documented: documented(),
    };
    await writeFile(join(folder, "given.json"), JSON.stringify(given));
  });
  afterAll(async () => {
    await program.stop();
    await rm(folder, { recursive: true });
  });

  test.each(["operations", "problems", "webhooks"])("passes its own tests of %s", async (name) => {
    const env = { ...process.env, MPLUS_TEST: join(folder, "given.json"), PYTHONDONTWRITEBYTECODE: "1" };
    const args = ["-W", "error::SyntaxWarning", "-m", "unittest", `tests.test_${name}`];
    const { stderr } = await promisify(execFile)("python3", args, { cwd: PACKAGE, env }).catch(
      (error: { stderr: string; stdout: string }) => expect.fail(`${error.stdout}\n${error.stderr}`),
    );
    expect(stderr).toMatch(/\nOK\n$/);
  });

  const readme = page("packages/python/README.md");
  const texts = (kind: string) => blocksOf(readme).flatMap(({ info, text }) => (info === kind ? [text] : []));
  const python = (code: string, env: Record<string, string> = {}) =>
    promisify(execFile)("python3", ["-c", code], { cwd: PACKAGE, env: { PATH: process.env.PATH, ...env } });

  test("prints what its README says", async () => {
    const [, ...code] = texts("python").reverse();
    const real = code.reverse().join("").replace("http://127.0.0.1:8080", program.url);
    const { stdout } = await python(real.replace("YOUR_KEY", program.api.key));
    expect(stdout).toBe(texts("text").join(""));
  });

  test("takes what is signed, and nothing else, by the receiver of its README", async () => {
    const [receiver] = texts("python").reverse();
    // Two requests, and an end.
    const once = receiver!.replace("8000", "0").replace(/^server\.serve_forever\(\)$/m, "");
    const code = `${once}
import http.client, json, os, threading
threading.Thread(target=server.serve_forever, daemon=True).start()
for headers in json.loads(os.environ["REQUESTS"]):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    connection.request("POST", "/", os.environ["BODY"], headers)
    print(connection.getresponse().status)
server.shutdown()`;
    expect(once).not.toBe(receiver);
    const text = JSON.stringify(receiptExample);
    const at = Math.floor(Date.now() / 1_000) * 1_000;
    const requests = [[own], [third]].map((secrets) => signed(secrets, { text, at }));
    const { stdout } = await python(code, { WEBHOOK_SECRET: own, BODY: text, REQUESTS: JSON.stringify(requests) });
    expect(stdout.split("\n")).toEqual([expect.stringMatching(/^[0-9a-f-]{36} Successful$/), "204", "400", ""]);
  });

  test("has the version of the other client", () => {
    const here = /^version = "(.+)"$/m.exec(page("packages/python/pyproject.toml"))![1];
    const { version } = JSON.parse(page("packages/sdk/package.json")) as { version: string };
    expect(here).toBe(version);
  });
});
