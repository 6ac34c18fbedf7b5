import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../config/config.ts";
import { ConfigError } from "../config/given.ts";
import { reachOf, readPlain } from "./reach.ts";

const cwd = mkdtempSync(join(tmpdir(), "mplus-reach-"));
afterAll(() => rmSync(cwd, { recursive: true }));
const certificates = fileURLToPath(new URL("../../test/notify/certificates/", import.meta.url));
const files = { cert: `${certificates}valid.crt`, key: `${certificates}valid.key` };
const [one, two] = ["a".repeat(32), "b".repeat(32)];

/** With a file of this text, or without one. */
function sourcesOf(text: string | null, env: NodeJS.ProcessEnv = {}) {
  const file = join(cwd, "config.json");
  if (text === null) return { file: undefined, env, cwd };
  writeFileSync(file, text);
  return { file, env, cwd };
}

const whole = {
  server: { host: "::", port: 1, tls: files },
  dataDir: "here",
  organizationKey: one,
  accountKey: two,
};
const variables = {
  MPLUS_SERVER_HOST: "10.0.0.1",
  MPLUS_SERVER_PORT: "65535",
  MPLUS_DATA_DIR: "/elsewhere",
  MPLUS_SERVER_TLS_CERT: files.cert,
  MPLUS_SERVER_TLS_KEY: files.key,
  MPLUS_OPERATOR_KEY: "c".repeat(32),
  MPLUS_ACCOUNT_KEY: "d".repeat(32),
};

describe("where the program is", () => {
  test("a data folder that is given with a command wins over the configured one", async () => {
    const sources = { ...sourcesOf('{"dataDir": "here"}'), overrides: { dataDir: "there" } };
    expect(readPlain(sources)?.dataDir).toBe(join(cwd, "there"));
    expect(await reachOf(sources)).toMatchObject({ dataDir: loadConfig(sources).dataDir });
  });

  test.each<[string, string | null, NodeJS.ProcessEnv]>([
    ["without a configuration", null, {}],
    ["by a file", JSON.stringify(whole), {}],
    ["by variables", null, variables],
    ["by variables over a file", JSON.stringify(whole), variables],
    ["by variables in other spellings", null, { MPLUS_DATADIR: "/x", MPLUS_ACCOUNTKEY: one }],
    ["by a file that says nothing of it", '{"accountKey": null, "network": "loopback"}', {}],
  ])("%s is read without the schemas, as they read it", (_name, text, env) => {
    const sources = sourcesOf(text, env);
    const plain = readPlain(sources);
    expect(plain).not.toBeNull();
    expect(loadConfig(sources)).toMatchObject({ ...plain });
    expect(plain?.server.tls.cert).toBe(loadConfig(sources).server.tls.cert);
  });

  test.each<[string, string | null, NodeJS.ProcessEnv]>([
    ["a key that is taken away", JSON.stringify(whole), { MPLUS_ACCOUNT_KEY: "" }],
    ["a port in another notation", null, { MPLUS_SERVER_PORT: "8.08e3" }],
  ])("%s is left to them", async (_name, text, env) => {
    const sources = sourcesOf(text, env);
    expect(readPlain(sources)).toBeNull();
    expect(await reachOf(sources)).toEqual(loadConfig(sources));
  });

  test.each<[string, string | null, NodeJS.ProcessEnv]>([
    ["a file that is not there", null, { MPLUS_CONFIG: "nowhere.json" }],
    ["a file that is not JSON", "{", {}],
    ["a file that is a list", "[]", {}],
    ["a server that is none", '{"server": 1}', {}],
    ["a host that is none", '{"server": {"host": ""}}', {}],
    ["a certificate that is none", '{"server": {"tls": {"cert": 1}}}', {}],
    ["a port that is none", '{"server": {"port": 65536}}', {}],
    ["a variable's port that is none", null, { MPLUS_SERVER_PORT: "" }],
    ["a folder that is none", '{"dataDir": 1}', {}],
    ["a key that is none", '{"accountKey": "x"}', {}],
  ])("%s is a fault that they name", async (_name, text, env) => {
    await expect(reachOf(sourcesOf(text, env))).rejects.toThrow(ConfigError);
  });
});
