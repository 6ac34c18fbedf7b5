import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ensureDefaults, RevokedKeyError } from "../../src/account/defaults.ts";
import type { DefaultKeys } from "../../src/account/keys-file.ts";
import { hashKey } from "../../src/runtime/api-key.ts";
import { findKey } from "../../src/store/accounts/find-keys.ts";
import { command } from "../support/command.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { addAccount, newKey, type Program, runToEnd, startProgram } from "../support/program.ts";

const NONE: DefaultKeys = { organizationKey: null, accountKey: null };
const newKeys = () => ({ organizationKey: newKey(), accountKey: newKey() });

/** A database without a program. A start on it is `ensureDefaults`, which a start calls. */
async function emptyStore() {
  const database = await testDatabase();
  onTestFinished(database.close);
  return { database, started: startsOn(database, "/nowhere") };
}

/** A further start, as far as keys go, on a store and with a data directory. */
function startsOn({ pool }: TestDatabase, dataDir: string) {
  return (keys: DefaultKeys) => ensureDefaults(pool, keys, dataDir, Date.now());
}

/** Whose the key is; null for one that does not work. */
async function holderOf({ pool }: TestDatabase, key: string) {
  const found = await findKey(pool, hashKey(key));
  return found && { organization: found.organizationId, account: found.account?.id ?? null, scope: found.scope };
}

test("a configured key that is new takes the place of the default one's, and in time of its account", async () => {
  const { database, started } = await emptyStore();
  const holder = (key: string) => holderOf(database, key);
  const [first, second] = [newKeys(), newKeys()];
  expect(await started(first)).toEqual({ keys: first, notes: [] });
  const [organization, account] = [await holder(first.organizationKey), await holder(first.accountKey)];
  expect([organization, account]).toEqual([
    { organization: expect.any(Number), account: null, scope: "admin" },
    { organization: organization?.organization, account: expect.any(Number), scope: "admin" },
  ]);
  const named = newKey();
  await database.pool.query(
    `INSERT INTO api_key (hash, organization_id, account_id, name, scope)
     SELECT $1, organization_id, account_id, 'x', 'send' FROM api_key WHERE hash = $2`,
    [hashKey(named), hashKey(first.accountKey)],
  );

  // One alone: the other goes on.
  const between = await started({ organizationKey: second.organizationKey, accountKey: null });
  expect(between.notes).toEqual(["organizationKey is new: the organization key before it no longer works"]);
  expect(await holder(second.organizationKey)).toEqual(organization);
  expect(await holder(first.organizationKey)).toBeNull();
  expect(await holder(first.accountKey)).toEqual(account);

  const after = await started(second);
  expect(after.notes).toEqual(["accountKey is new: the account key before it no longer works"]);
  expect(await holder(second.accountKey)).toEqual(account);
  expect(await holder(first.accountKey)).toBeNull();
  expect(await holder(named)).toEqual({ ...account, scope: "send" });

  expect(await started(second)).toEqual({ keys: second, notes: [] });
  expect(await holder(second.accountKey)).toEqual(account);
  // A deactivated account leaves its place to another.
  await database.pool.query("UPDATE account SET deleted_at = now()");
  const third = { ...second, accountKey: newKey() };
  await started(third);
  const other = await holder(third.accountKey);
  expect(other?.organization).toBe(account?.organization);
  expect(other?.account).not.toBe(account?.account);

  await expect(started(first)).rejects.toThrow("organizationKey was revoked");
});

test("a key that was revoked is not revived by configuration, nor a deactivated account", async () => {
  const { database, started } = await emptyStore();
  const keys = newKeys();
  await started(keys);
  for (const [name, key] of Object.entries(keys)) {
    await database.pool.query("UPDATE api_key SET revoked_at = now() WHERE hash = $1", [hashKey(key)]);
    await expect(started(keys)).rejects.toThrow(new RegExp(`^${name} was revoked`));
    await expect(started(keys)).rejects.toBeInstanceOf(RevokedKeyError);
    await database.pool.query("UPDATE api_key SET revoked_at = NULL WHERE hash = $1", [hashKey(key)]);
  }
  await database.pool.query("UPDATE account SET deleted_at = now()");
  await expect(started(keys)).rejects.toBeInstanceOf(RevokedKeyError);
  // The program ends with it, and shows no key.
  const { end, stderr } = await runToEnd({ database, config: keys });
  expect({ end, stderr }).toEqual({ end: "1", stderr: expect.stringMatching(/^mplus: accountKey was revoked/) });
  for (const key of Object.values(keys)) expect(stderr).not.toContain(key);
});

test("a key of the other kind is refused", async () => {
  const { database, started } = await emptyStore();
  const other = await addAccount(database.pool);
  const refused = started({ organizationKey: other, accountKey: newKey() });
  await expect(refused).rejects.toThrow(/^organizationKey is in use/);
});

interface Me {
  account: { identifier: string };
  organization: { identifier: string };
}

test("keys.json has the keys of the first start, rotated by commands, until others are configured", {
  timeout: 180_000,
}, async () => {
  const database = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "mplus-keys-"));
  onTestFinished(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });
  const operatorKey = newKey();
  const start = async (): Promise<Program> => {
    const program = await startProgram({ database, keys: "its own", config: { operatorKey, dataDir } });
    onTestFinished(program.kill);
    return program;
  };
  const file = join(dataDir, "keys.json");
  const kept = async () => JSON.parse(await readFile(file, "utf8")) as { organizationKey: string; accountKey: string };

  // The first start makes them, for its owner's eyes only.
  const program = await start();
  const made = await kept();
  expect(made).toEqual({
    organizationKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    accountKey: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { stdout, stderr } = program.output();
  for (const key of Object.values(made)) expect(stdout + stderr).not.toContain(key);
  expect(stdout).toContain(`kept in ${file}`);
  const message = { from: { type: "custom", value: "MyShop" }, to: "+447700900123", body: "x" };
  expect(await program.api.as(made.accountKey).send({ messages: [message] })).toHaveLength(1);

  const { account, organization } = (await program.api.request<Me>("GET", "/me", { key: made.accountKey })).body;
  const env = { MPLUS_DATA_DIR: dataDir, MPLUS_SERVER_PORT: new URL(program.url).port };
  const rotate = async (...args: string[]) => {
    const ended = await command(args, { ...env, MPLUS_OPERATOR_KEY: operatorKey });
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
    return /^key ([0-9a-f]{32})\n$/.exec(ended.stdout)![1]!;
  };
  const accountKey = await rotate("account", "rotate-key", account.identifier.toUpperCase(), "--grace", "60");
  expect(await kept()).toEqual({ ...made, accountKey });
  const organizationKey = await rotate("org", "rotate-key", organization.identifier, "--yes");
  expect(await kept()).toEqual({ organizationKey, accountKey });
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  // Another account's key is none that stands there.
  const asOrganization = program.api.as(organizationKey);
  const other = await asOrganization.request<{ identifier: string }>("POST", "/account", { body: { name: "other" } });
  await rotate("account", "rotate-key", other.body.identifier, "--yes");
  expect(await kept()).toEqual({ organizationKey, accountKey });
  const listed = await command(["account", "list"], env);
  expect({ code: listed.code, stdout: listed.stdout }).toEqual({ code: 0, stdout: expect.stringContaining("other") });

  const again = startsOn(database, dataDir);
  expect(await again(NONE)).toEqual({ keys: { organizationKey, accountKey }, notes: [] });
  // Past the command's reach: the next start says so.
  const path = `/account/${account.identifier}/key`;
  const { body: own } = await asOrganization.request<{ apiKey: string }>("POST", path);
  expect(await again(NONE)).toEqual({
    keys: { organizationKey, accountKey: null },
    notes: [`the account key in ${file} no longer works: it was replaced or revoked`],
  });

  // Keys that are configured later are those of the same organization and account.
  const holder = (key: string) => holderOf(database, key);
  const before = [await holder(organizationKey), await holder(own.apiKey)];
  const configured = newKeys();
  await again(configured);
  expect([await holder(configured.organizationKey), await holder(configured.accountKey)]).toEqual(before);
  for (const key of [organizationKey, own.apiKey]) expect(await holder(key)).toBeNull();
  await program.stop();

  // Without them again: what stands in the file is known to be dead, and the program says so.
  const last = await start();
  const said = last.output();
  expect(said.stdout).toContain("known to its owner alone");
  for (const what of ["organization", "account"]) {
    const note = `the ${what} key in ${file} no longer works`;
    expect([said.stdout, said.stderr]).toEqual([expect.stringContaining(note), expect.stringContaining(note)]);
  }
  await last.stop();
});
