import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Api } from "../support/api.ts";
import { testDatabase } from "../support/database.ts";
import { mplus } from "../support/mplus.ts";
import { newKey, type Program, runToEnd, startProgram } from "../support/program.ts";

const operatorKey = newKey();
type Keys = { organizationKey: string; accountKey: string };
const NONE = { organizationKey: null, accountKey: null };

async function place() {
  const database = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "mplus-keys-"));
  onTestFinished(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });
  /** A start, whose keys may be null, and its end with the test where that has not come before. */
  const start = async (keys: object): Promise<Program> => {
    const program = await startProgram({ database, config: { operatorKey, dataDir, ...(keys as Keys) } });
    onTestFinished(program.kill);
    return program;
  };
  const kept = async () => JSON.parse(await readFile(join(dataDir, "keys.json"), "utf8")) as Keys;
  return { database, dataDir, start, kept };
}

interface Me {
  account: { identifier: string };
  organization: { identifier: string };
}

async function meOf(api: Api, key: string): Promise<Me | null> {
  const { status, body } = await api.request<Me>("GET", "/me", { key });
  return status === 200 ? body : null;
}

test("a configured key that is new takes the place of the default one's, and in time of its account", async () => {
  const { database, start } = await place();
  const first = { organizationKey: newKey(), accountKey: newKey() };
  const second = { organizationKey: newKey(), accountKey: newKey() };
  const before = await start(first);
  const [organization, account] = [
    await meOf(before.api, first.organizationKey),
    await meOf(before.api, first.accountKey),
  ];
  const path = `/account/${account!.account.identifier}/keys`;
  const named = await before.api.request<{ apiKey: string }>("POST", path, {
    key: first.organizationKey,
    body: { name: "x", scope: "send" },
  });
  await before.stop();

  // One alone: the other goes on.
  const between = await start({ organizationKey: second.organizationKey, accountKey: null });
  expect(between.output().stdout).toContain("organizationKey is new: the organization key before it no longer works");
  expect(between.output().stderr).toContain("organizationKey is new");
  expect(await meOf(between.api, second.organizationKey)).toEqual(organization);
  expect(await meOf(between.api, first.organizationKey)).toBeNull();
  expect(await meOf(between.api, first.accountKey)).toEqual(account);
  await between.stop();

  const after = await start(second);
  expect(await meOf(after.api, second.accountKey)).toEqual(account);
  expect(await meOf(after.api, first.accountKey)).toBeNull();
  expect(await meOf(after.api, named.body.apiKey)).toEqual({ ...account, scope: "send" });
  await after.stop();

  const again = await start(second);
  expect(again.output().stdout).not.toContain("is new");
  expect(await meOf(again.api, second.accountKey)).toEqual(account);
  // A deactivated account leaves its place to another.
  await again.api.as(second.organizationKey).request("DELETE", `/account/${account!.account.identifier}`);
  await again.stop();
  const third = { ...second, accountKey: newKey() };
  const replaced = await start(third);
  const other = await meOf(replaced.api, third.accountKey);
  expect(other?.organization).toEqual(account?.organization);
  expect(other?.account.identifier).not.toBe(account?.account.identifier);
  await replaced.stop();

  const { end, stderr } = await runToEnd({ database, config: first });
  expect({ end, stderr }).toEqual({ end: "1", stderr: expect.stringContaining("organizationKey was revoked") });
});

test("keys.json has the keys of the first start, rotated by commands, until others are configured", {
  timeout: 180_000,
}, async () => {
  const { dataDir, start, kept } = await place();
  const program = await start(NONE);
  const made = await kept();
  const first = [await meOf(program.api, made.organizationKey), await meOf(program.api, made.accountKey)] as const;
  const { account, organization } = first[1]!;
  const env = { MPLUS_DATA_DIR: dataDir, MPLUS_SERVER_PORT: new URL(program.url).port };
  const rotate = async (...args: string[]) => {
    const { code, stdout, stderr } = await mplus(args, { ...env, MPLUS_OPERATOR_KEY: operatorKey });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return /^key ([0-9a-f]{32})\n$/.exec(stdout)![1]!;
  };
  const accountKey = await rotate("account", "rotate-key", account.identifier.toUpperCase(), "--grace", "60");
  expect(await kept()).toEqual({ ...made, accountKey });
  const organizationKey = await rotate("org", "rotate-key", organization.identifier, "--yes");
  expect(await kept()).toEqual({ organizationKey, accountKey });
  expect((await stat(join(dataDir, "keys.json"))).mode & 0o777).toBe(0o600);

  // Another account's key is none that stands there.
  const other = await program.api.request<{ identifier: string }>("POST", "/account", {
    key: organizationKey,
    body: { name: "other" },
  });
  await rotate("account", "rotate-key", other.body.identifier, "--yes");
  expect(await kept()).toEqual({ organizationKey, accountKey });
  const listed = await mplus(["account", "list"], env);
  expect({ code: listed.code, stdout: listed.stdout }).toEqual({ code: 0, stdout: expect.stringContaining("other") });
  await program.stop();

  const again = await start(NONE);
  expect(again.output().stdout).toContain(`kept in ${join(dataDir, "keys.json")}`);
  expect(again.output().stdout).not.toContain("no longer works");
  // Past the command's reach: the next start says so.
  const path = `/account/${account.identifier}/key`;
  const { body: own } = await again.api.request<{ apiKey: string }>("POST", path, { key: organizationKey });
  await again.stop();
  const last = await start(NONE);
  expect(last.output().stdout).toMatch(/the account key in .*keys\.json no longer works: it was replaced or revoked\n/);
  expect(last.output().stdout).toContain("kept in");
  await last.stop();

  // Keys that are configured later are those of the same organization and account.
  const configured = { organizationKey: newKey(), accountKey: newKey() };
  const second = await start(configured);
  expect(await meOf(second.api, configured.organizationKey)).toEqual(first[0]);
  expect(await meOf(second.api, configured.accountKey)).toEqual(first[1]);
  for (const key of [organizationKey, own.apiKey]) expect(await meOf(second.api, key)).toBeNull();
  await second.stop();

  // Without them again: what stands in the file is known to be dead.
  const third = await start(NONE);
  const { stdout } = third.output();
  expect(stdout).toContain("known to its owner alone");
  expect(stdout).toMatch(/the organization key in .*keys\.json no longer works/);
  expect(stdout).toMatch(/the account key in .*keys\.json no longer works/);
  await third.stop();
});
