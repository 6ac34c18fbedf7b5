import { readFileSync } from "node:fs";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { begin, mplus } from "../support/mplus.ts";
import { until } from "../support/until.ts";

const database = await testDatabase();
afterAll(database.close);
const env = { DATABASE_URL: database.url, MPLUS_NETWORK: "loopback", MPLUS_SERVER_PORT: "0" };

test("mplus --version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(await mplus(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("mplus migrate says what it applied, as JSON too", async () => {
  expect((await mplus(["migrate"], env)).stdout).toBe("nothing to do\n");
  const { code, stdout } = await mplus(["migrate", "--json"], env);
  expect({ code, said: JSON.parse(stdout) }).toEqual({ code: 0, said: { applied: [] } });
});

test("mplus serve says where it listens, as JSON too", async () => {
  const keys = { MPLUS_ORGANIZATION_KEY: "a".repeat(32), MPLUS_ACCOUNT_KEY: "b".repeat(32) };
  const running = begin(["serve", "--json", "--data-dir", "/tmp"], { ...env, ...keys });
  onTestFinished(running.stop);
  const line = await until("it to listen", () => /.*\n/.exec(running.output().stdout)?.[0]);
  const { url } = JSON.parse(line);
  expect((await fetch(new URL("/health/ready", url))).status).toBe(200);
});

test.each([
  ["a configuration with faults", ["migrate"], { MPLUS_NETWORK: "lan" }, "network: must be one of"],
  ["a file that is not there", ["batch", "x", "@/nowhere", "--from", "Shop"], {}, "ENOENT"],
  ["a key that is not known", ["status", "x"], {}, "no account key: give --key, or set MPLUS_KEY"],
  ["a batch that can be none", ["status", "..", "--key", "x"], {}, '".." is not an identifier'],
  // Port 9 is one that no client may ask.
  ["a program that is not there", ["status", "x", "--url", "http://127.0.0.1:9", "--key", "x"], {}, "does not answer"],
])("%s is a sentence, without a stack", async (_name, args, more, reason) => {
  const { code, stderr } = await mplus(args, { ...env, ...more });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^mplus: /) });
  expect(stderr).toContain(reason);
  expect(stderr).not.toMatch(/^ {4}at /m);
});
