import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { exposedFiles } from "./exposed-files.ts";

const cwd = mkdtempSync(join(tmpdir(), "mplus-exposed-"));
afterAll(() => rmSync(cwd, { recursive: true }));

function exposed(config: unknown, mode: number, name = "messaging-plus.json", env: NodeJS.ProcessEnv = {}) {
  const file = join(cwd, name);
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  chmodSync(file, mode);
  return exposedFiles({ file: undefined, env, cwd });
}

test.each([
  [{ operatorKey: "0".repeat(32) }],
  [{ carriers: [{ id: "acme", type: "smpp", password: "secret" }] }],
  [{ carriers: [{ id: "rbm", type: "rcs", clientToken: "t" }] }],
  [{ database: { url: "postgres://me:secret@db.example.com/mplus" } }],
  [{ callbacks: { proxy: "http://me:secret@proxy.example.com:3128" } }],
])("a file with %j that others may read is named, with its mode and what to do", (config) => {
  const file = join(cwd, "messaging-plus.json");
  for (const [mode, shown] of [
    [0o644, "0644"],
    [0o640, "0640"],
    [0o602, "0602"],
  ] as const) {
    expect(exposed(config, mode)).toEqual([{ file, mode: shown, remedy: `chmod 600 ${file}` }]);
  }
  for (const mode of [0o600, 0o400]) expect(exposed(config, mode)).toEqual([]);
});

test("one without secrets may be read by all", () => {
  const carriers = [{ id: "acme", type: "smpp", host: "smpp.example.com", password: "" }];
  const database = { url: "postgres://me@db.example.com:5432/mplus?application_name=x@y" };
  expect(exposed({ carriers, database, operatorKey: null, server: { port: 80 } }, 0o644)).toEqual([]);
  expect(exposed("{", 0o644)).toEqual([]);
});

test("keys in files that it names count, their names do not", () => {
  writeFileSync(join(cwd, "rbm key.json"), "{}");
  writeFileSync(join(cwd, "tls.pem"), "");
  chmodSync(join(cwd, "rbm key.json"), 0o644);
  chmodSync(join(cwd, "tls.pem"), 0o600);
  const carriers = [{ type: "rcs", credentialsFile: "rbm key.json" }];
  const server = { tls: { cert: "tls.pem", key: "tls.pem" } };
  expect(exposed({ carriers, server }, 0o644)).toMatchObject([{ remedy: `chmod 600 '${cwd}/rbm key.json'` }]);
});

test("the file is the one that is read", () => {
  const secret = { operatorKey: "0".repeat(32) };
  expect(exposed(secret, 0o644, "other.json", { MPLUS_CONFIG: "other.json" })).toMatchObject([{ mode: "0644" }]);
  rmSync(join(cwd, "messaging-plus.json"));
  expect(exposedFiles({ file: undefined, env: { MPLUS_OPERATOR_KEY: "0".repeat(32) }, cwd })).toEqual([]);
});
