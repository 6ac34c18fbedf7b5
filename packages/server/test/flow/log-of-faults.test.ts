import { execFile } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { startProgram } from "../support/program.ts";
import { until } from "../support/until.ts";

const program = await startProgram({ config: { log: { level: "trace" } } });
afterAll(program.stop);
const { api } = program;
const { pool } = program.database;

test("no text and no number is in the log of a statement that the store refuses", async () => {
  await pool.query("ALTER TABLE message_bundle ADD CONSTRAINT none_at_all CHECK (false) NOT VALID");
  const to = "+447700900123";
  const messages = [{ from: { type: "custom", value: "MyShop" }, to, body: "Your code is 91827364" }];
  const { status, text } = await api.request("POST", "/message", { body: { messages } });
  expect(status).toBe(500);
  await until("the fault in the log", () => program.output().stderr.includes("a request failed"));
  const { stdout, stderr } = program.output();
  expect(stderr).toMatch(/"code":"23514".*"table":"message_bundle".*"constraint":"none_at_all"/);
  for (const output of [stdout, stderr, text]) expect(output).not.toMatch(/447700900123|91827364/);
});

test("nor of an error that nothing caught, which ends the process", async () => {
  const log = new URL("../../dist/runtime/log.js", import.meta.url).href;
  const fault = `Object.assign(new Error("violated"), { code: "23505", severity: "ERROR", detail: "Key (to)=(447700900123)" })`;
  const script = `import { createLog, logUncaught } from ${JSON.stringify(log)};
    logUncaught(createLog({ level: "info", name: "test", readable: false }));
    void Promise.reject(${fault});`;
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, ["--input-type=module", "-e", script], (error, _, text) =>
      resolve({ code: error?.code ?? 0, stderr: text }),
    );
  });
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ level: "fatal", err: { code: "23505", message: "violated" } });
  expect(stderr).not.toContain("447700900123");
});
