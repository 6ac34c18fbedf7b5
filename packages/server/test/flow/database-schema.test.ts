import { randomBytes } from "node:crypto";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { mplus } from "../support/mplus.ts";
import { runToEnd, startProgram } from "../support/program.ts";
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

test("a role that owns its schema and nothing else is enough", async () => {
  const { database, role, url } = await withRole();
  await database.pool.query(`CREATE SCHEMA "My texts" AUTHORIZATION ${role}`);
  await database.pool.query(`ALTER SCHEMA "My texts" RENAME TO "My.texts"`);
  const config = { carriers, database: { schema: "My.texts" }, callbacks: { allowPrivateAddresses: true } };
  const program = await startProgram({ database, config, env: { DATABASE_URL: url } });
  try {
    const to = "+447700900123";
    await program.api.send({ messages: [{ from, to, body: "x", callback: hooks.url("/schema") }] });
    const [hook] = await hooks.waitFor("/schema", 1);
    expect(JSON.parse(hook!.body)).toMatchObject({ destination: to, delivered: true });
    const env = { DATABASE_URL: url, MPLUS_DATABASE_SCHEMA: "My.texts" };
    expect(await mplus(["migrate"], env)).toMatchObject({ code: 0, stdout: "nothing to do\n" });
  } finally {
    await program.stop();
  }
  const { rows } = await database.pool.query(`SELECT count(*)::int AS count FROM "My.texts".batch_count`);
  expect(rows[0].count).toBeGreaterThanOrEqual(0);
  // The tables that stood in public are as they were.
  const untouched = await database.pool.query("SELECT count(*)::int AS count FROM public.api_key");
  expect(untouched.rows).toEqual([{ count: 0 }]);
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
