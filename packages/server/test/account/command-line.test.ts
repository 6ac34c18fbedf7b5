import { afterAll, expect, test } from "vitest";
import { command } from "../support/command.ts";
import type { Ended } from "../support/mplus.ts";
import { newKey, startProgram } from "../support/program.ts";

const operatorKey = newKey();
const program = await startProgram({ config: { operatorKey } });
afterAll(program.stop);

/** Runs `mplus` as a person with these keys does. */
const mplus = (keys: Record<string, string>, ...args: string[]) =>
  command(args, { MPLUS_SERVER_PORT: new URL(program.url).port, ...keys });

const asOperator = (...args: string[]) => mplus({ MPLUS_OPERATOR_KEY: operatorKey }, "org", ...args);

async function json<Answer>(run: Promise<Ended>): Promise<Answer> {
  const { code, stdout, stderr } = await run;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Answer;
}

interface Made {
  identifier: string;
  apiKey: string;
}

test("does all that can be done with organizations and accounts", { timeout: 120_000 }, async () => {
  const made = await asOperator("create", "Acme", "--credits", "--balance", "500");
  expect(made.code).toBe(0);
  const [, uuid, key] = /^organization +(\S+)\nkey +([0-9a-f]{32})\n$/.exec(made.stdout) ?? [];
  expect(uuid).toBeDefined();
  await asOperator("rename", uuid!, "Acme Ltd");
  await asOperator("add", uuid!, "100");
  await asOperator("add", uuid!, "--", "-50");
  expect((await asOperator("list")).stdout).toMatch(new RegExp(`^${uuid}  priced +550  Acme Ltd$`, "m"));
  const { items } = await json<{ items: object[] }>(asOperator("list", "--json"));
  expect(items).toContainEqual({ identifier: uuid, name: "Acme Ltd", credits: true, balance: 550 });

  const asOrganization = (...args: string[]) => mplus({ MPLUS_ORGANIZATION_KEY: key! }, "account", ...args);
  const account = await json<Made>(asOrganization("create", "News", "--json"));
  const id = account.identifier;
  expect((await asOrganization("topup", id, "40")).stdout).toBe(`changed ${id}\n`);
  await asOrganization("rename", id, "Newsletter");
  await asOrganization("overdraft", id, "on");
  expect((await asOrganization("list")).stdout).toBe(`${id}            40  Newsletter\n`);

  const sent = await mplus({ MPLUS_KEY: account.apiKey }, "send", "+447700900123", "Hello", "--from", "MyShop");
  const batch = /batch +(\S+)/.exec(sent.stdout)?.[1];
  const ledger = (await asOrganization("ledger", id)).stdout.trim().split("\n");
  expect(ledger[0]).toMatch(new RegExp(`^\\S+Z  charge +-1 +39  ${batch}$`));
  expect(ledger[1]).toMatch(/^\S+Z {2}topup +\+40 +40$/);
  const page = await json<{ items: object[]; next: string }>(asOrganization("ledger", id, "--limit", "1", "--json"));
  expect(page.items).toHaveLength(1);
  expect((await asOrganization("ledger", id, "--after", page.next)).stdout.trim()).toBe(ledger[1]);
  expect((await asOrganization("ledger", id, "--limit", "1")).stdout).toContain(`more: --after ${page.next}`);

  const hook = `${program.url}/hook`;
  expect((await asOrganization("webhook", id)).stdout).toBe("inbound  none\nevents   none\n");
  const told = await asOrganization("webhook", id, "--inbound", hook, "--events", "none");
  expect(told.stdout).toBe(`inbound  ${hook}\nevents   none\n`);
  expect((await asOrganization("webhook", id, "--inbound", "ftp://x")).stderr).toContain("inbound_url");

  const rotated = await asOrganization("rotate-key", id, "--grace", "60");
  const [, newer] = /^key ([0-9a-f]{32})\n$/.exec(rotated.stdout) ?? [];
  const send = (with_: string) => program.api.as(with_).request("GET", "/batch");
  expect({ older: (await send(account.apiKey)).status, newer: (await send(newer!)).status }).toEqual({
    older: 200,
    newer: 200,
  });
  await asOrganization("rotate-key", id, "--yes");
  expect({ older: (await send(account.apiKey)).status, newer: (await send(newer!)).status }).toEqual({
    older: 400,
    newer: 400,
  });

  const named = await asOrganization("keys", "create", id, "CI", "--scope", "send");
  const [, ci, ciId] = /^key +([0-9a-f]{32})\nidentifier +(\S+)\n$/.exec(named.stdout) ?? [];
  expect((await send(ci!)).status).toBe(200);
  expect((await asOrganization("keys", "list", id)).stdout).toContain(`${ciId}  send  ${ci!.slice(0, 6)}…  used`);
  expect((await asOrganization("keys", "revoke", id, ciId!, "--yes")).stdout).toBe(`revoked ${ciId}\n`);
  expect((await send(ci!)).status).toBe(400);
  const ofOrganization = (...args: string[]) => mplus({ MPLUS_ORGANIZATION_KEY: key! }, "org", "keys", ...args);
  const support = await json<Made>(ofOrganization("create", "Support", "--scope", "read", "--json"));
  const { items: keys } = await json<{ items: Made[] }>(ofOrganization("list", "--json"));
  expect(keys[0]).toMatchObject({ identifier: support.identifier, name: "Support", scope: "read" });
  expect((await ofOrganization("revoke", support.identifier, "--yes")).code).toBe(0);
  const graced = await asOperator("rotate-key", uuid!, "--grace", "600");
  expect(graced.stdout).toMatch(/^key [0-9a-f]{32}\n$/);
  expect((await ofOrganization("list")).stdout).toMatch(/\(its own\) {2}ends \S+Z$/m);

  expect((await asOrganization("deactivate", id, "--yes")).stdout).toBe(`deactivated ${id}\n`);
  expect((await asOrganization("list")).stdout).toContain("Newsletter  (deactivated)");
  expect((await asOrganization("reactivate", id)).code).toBe(0);
  expect((await asOrganization("list")).stdout).not.toContain("deactivated");
  await asOperator("credits", uuid!, "off");
  expect((await asOperator("list")).stdout).toContain(`${uuid}  free`);
});

test("says why it does not", { timeout: 60_000 }, async () => {
  const refused = async (exit: number, run: Promise<Ended>, words: string) => {
    const { code, stdout, stderr } = await run;
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
    expect(stderr).toContain(words);
  };
  await refused(2, mplus({}, "org", "list"), "no operator key");
  await refused(3, mplus({ MPLUS_OPERATOR_KEY: newKey() }, "org", "list"), "401");
  const key = { MPLUS_ORGANIZATION_KEY: program.organizationKey };
  await refused(4, mplus(key, "account", "topup", "00000000-0000-4000-8000-000000000000", "5"), "404");
  await refused(3, mplus(key, "account", "topup", "x", "0"), "topup: must be at least 1");
  await refused(2, mplus(key, "account", "topup", "x", "5.5"), "not a whole number");
  await refused(2, mplus(key, "account", "overdraft", "x", "maybe"), "neither on nor off");
  await refused(2, mplus(key, "org", "keys", "create", "x"), "--scope");
  await refused(2, mplus(key, "org", "keys", "create", "x", "--scope", "write"), "send, read, admin");
});
