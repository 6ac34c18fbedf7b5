import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { explain } from "../../src/cli/explain.ts";
import { startEmbedded } from "../../src/store/embedded/embedded.ts";
import { MIGRATIONS, migrate } from "../../src/store/upkeep/migrate.ts";
import { removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { runToEnd } from "../support/program.ts";
import { urlOf, withDatabase } from "../support/server-connection.ts";

/** A PostgreSQL of somebody else's, with roles and databases that do not do. */
const dataDir = await temporaryDataDir();
const server = await startEmbedded({ dataDir, log: () => {} });
afterAll(async () => {
  await server.stop();
  await removeDataDir(dataDir);
});
const hba = join(server.folder, "pg_hba.conf");
await writeFile(hba, `local all guest scram-sha-256\nlocal all unknown reject\n${await readFile(hba, "utf8")}`);
const admin = new pg.Client(withDatabase(server.connection, "postgres"));
await admin.connect();
for (const statement of [
  "SELECT pg_reload_conf()",
  "CREATE ROLE guest LOGIN PASSWORD 'right'",
  "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'",
  "CREATE DATABASE theirs ENCODING 'UTF8' TEMPLATE template0",
  "CREATE DATABASE homeless ENCODING 'UTF8' TEMPLATE template0",
]) {
  await admin.query(statement);
}
await admin.end();
const at = (database: string, user = server.connection.user) => urlOf({ ...server.connection, database, user });
const asGuest = (database: string, password: string) => at(database, `guest${password}`);

/** A start's sentence for the error with which the store refuses it. */
async function sentenceOf(url: string): Promise<string | undefined> {
  const refused = migrate({ connectionString: url }, MIGRATIONS, () => {});
  return refused.then(
    () => "it was taken",
    (error: Error) => explain(error),
  );
}

test.each([
  [
    "that nothing listens at",
    "postgres://nobody@127.0.0.1:1/none",
    /nothing listens at 127\.0\.0\.1:1: start PostgreSQL/,
  ],
  ["whose host has several addresses", "postgres://nobody@localhost:1/none", /nothing listens at localhost:1: start/],
  ["whose socket is not there", "postgres://nobody@/none?host=/nowhere", /no socket \/nowhere\/\.s\.PGSQL\.5432/],
  ["with a wrong password", asGuest("theirs", ":wrong"), /does not take this password of the role "guest"/],
  ["without a password", asGuest("theirs", ""), /asks for a password of the role "guest", and there is none/],
  [
    "with a role that is not let in",
    at("theirs", "unknown"),
    /does not let the role "unknown" in \(.+\): create the role/,
  ],
  ["that is not there", at("nowhere"), /no database "nowhere" at .*: CREATE DATABASE "nowhere" ENCODING 'UTF8'/],
  ["in another encoding", at("latin"), /"latin" is encoded in LATIN1, .*ENCODING 'UTF8' TEMPLATE template0$/],
  ["in which the role has no rights", asGuest("theirs", ":right"), /"guest" lacks a right in the database "theirs"/],
])("a database %s is one sentence that names its key", async (_how, url, expected) => {
  const sentence = await sentenceOf(url);
  expect(sentence).toMatch(expected);
  expect(sentence).toMatch(/^database\.url: [^\n]+$/);
  expect(sentence).not.toMatch(/wrong|right@/);
});

test("a standby is left as it is, and the program ends with the sentence", async () => {
  await server.stop();
  await appendFile(join(server.folder, "standby.signal"), "");
  const standby = await startEmbedded({ dataDir, log: () => {} });
  const { end, stderr } = await runToEnd({ env: { DATABASE_URL: urlOf(standby.connection) } });
  await standby.stop();
  expect(end).toBe("1");
  expect(stderr).toMatch(
    /^mplus: database\.url: the server at \S+ is a standby, which takes no writes: name its primary\n$/,
  );
});
