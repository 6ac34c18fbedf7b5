import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { type Story, storyWith } from "../messages/stories.ts";
import { testDatabase } from "../support/database.ts";
import { mplus } from "../support/mplus.ts";
import { newKey, type Program, runToEnd, startProgram } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";

const hooks = await receiver();
afterAll(hooks.close);
const carriers = [{ id: "sim", type: "simulator", receiptDelay: 0 }];
const from = { type: "custom", value: "MyShop" };

/** A database whose own tables are there already, and a role that may do nothing in it but what the test grants. */
async function withRole() {
  const database = await testDatabase();
  const role = `role_${randomBytes(6).toString("hex")}`;
  const { pool } = database;
  await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'sesame'`);
  await pool.query(`REVOKE ALL ON SCHEMA public FROM PUBLIC`);
  onTestFinished(async () => {
    await pool.query(`DROP OWNED BY ${role} CASCADE`);
    await pool.query(`DROP ROLE ${role}`);
    await database.close();
  });
  const url = new URL(database.url);
  url.username = role;
  url.password = "sesame";
  return { database, role, url: url.href };
}

/** Sends a message, and answers its story once its webhook is in it. */
async function sent({ api }: Program, path: string): Promise<Story> {
  const [sent] = await api.send({ messages: [{ from, to: "+447700900123", body: "x", callback: hooks.url(path) }] });
  await hooks.waitFor(path, 1);
  return storyWith(api, sent!.messageUuid, "webhook");
}

test("a role that owns its schema is enough, beside another installation in the same database", async () => {
  const { database, role, url } = await withRole();
  await database.pool.query(`CREATE SCHEMA "My texts" AUTHORIZATION ${role}`);
  await database.pool.query(`ALTER SCHEMA "My texts" RENAME TO "My.texts"`);
  const operatorKey = newKey();
  const config = { carriers, operatorKey, callbacks: { allowPrivateAddresses: true } };
  const other = await startProgram({ database, config });
  onTestFinished(other.kill);
  const keys = { organizationKey: newKey(), accountKey: newKey() };
  const own = await startProgram({
    database,
    config: { ...config, ...keys, database: { schema: "My.texts" } },
    env: { DATABASE_URL: url },
  });
  onTestFinished(own.kill);

  const [ofOther, ofOwn] = await Promise.all([sent(other, "/other"), sent(own, "/own")]);
  for (const { events } of [ofOther, ofOwn]) {
    expect(events.map(({ kind }) => kind)).toEqual(["accepted", "submitted", "receipt", "delivered", "webhook"]);
  }
  expect((await own.api.request("GET", `/message/${ofOther.message_uuid}`)).status).toBe(404);
  expect((await other.api.request("GET", `/message/${ofOwn.message_uuid}`)).status).toBe(404);
  const file = join(own.folder, "config.json");
  const changed = { ...JSON.parse(readFileSync(file, "utf8")), limits: { burst: 9 } };
  writeFileSync(file, JSON.stringify(changed), { mode: 0o600 });
  const reload = async ({ api }: Program) => (await api.as(operatorKey).request("POST", "/reload")).body;
  expect(await reload(other)).toEqual({ changed: [], restart: [], others: [] });
  expect(await reload(own)).toEqual({ changed: ["limits.burst"], restart: [], others: [] });
  const env = { DATABASE_URL: url, MPLUS_DATABASE_SCHEMA: "My.texts" };
  expect(await mplus(["migrate"], env)).toMatchObject({ code: 0, stdout: "nothing to do\n" });
  await own.stop();
  await other.stop();
  expect([hooks.received("/other").length, hooks.received("/own").length]).toEqual([1, 1]);
  for (const schema of ["public", '"My.texts"']) {
    const { rows } = await database.pool.query(`SELECT count(*)::int AS messages FROM ${schema}.message`);
    expect({ schema, ...rows[0] }).toEqual({ schema, messages: 1 });
  }
});

test("a schema that is absent is made where the role may, else a sentence says how", async () => {
  const { database, role, url } = await withRole();
  const env = { DATABASE_URL: url, MPLUS_DATABASE_SCHEMA: "texts" };
  const { end, stderr } = await runToEnd({ env });
  expect({ end, stderr }).toEqual({
    end: "1",
    stderr: expect.stringMatching(/^mplus: database\.schema: texts is not there/),
  });
  expect(stderr).toContain(`CREATE SCHEMA "texts" AUTHORIZATION "${role}"`);
  expect(stderr).not.toContain("sesame");
  const { rows } = await database.pool.query<{ name: string }>("SELECT current_database() AS name");
  await database.pool.query(`GRANT CREATE ON DATABASE ${rows[0]!.name} TO ${role}`);
  expect((await mplus(["migrate"], env)).code).toBe(0);
  expect(await mplus(["migrate"], env)).toMatchObject({ code: 0, stdout: "nothing to do\n" });
});

test("a name that PostgreSQL keeps for itself is a fault of the configuration", async () => {
  const { stderr } = await runToEnd({ config: { database: { schema: "pg_texts" } } });
  expect(stderr).toContain("  database.schema: ");
});
