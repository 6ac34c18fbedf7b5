import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { restoreFrom } from "../../src/cli/backup/files.ts";
import { dump } from "../../src/store/backup/dump.ts";
import { BackupError } from "../../src/store/backup/format.ts";
import { load } from "../../src/store/backup/load.ts";
import { startEmbedded } from "../../src/store/embedded/embedded.ts";
import { MIGRATIONS } from "../../src/store/upkeep/migrate.ts";
import { query, removeDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { SEED } from "../support/long-run.ts";
import { addAccount } from "../support/program.ts";

const folder = mkdtempSync(join(tmpdir(), "mplus-hostile-"));
const file = join(folder, "store.gz");
const databases: TestDatabase[] = [];
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all(databases.map((database) => database.close()));
});

async function store(): Promise<TestDatabase> {
  const database = await testDatabase();
  databases.push(database);
  return database;
}

async function scriptOf({ config }: TestDatabase): Promise<string> {
  let text = "";
  for await (const piece of dump(config, new Map())) text += String(piece);
  return text;
}

/** Restores a file of these octets. */
function restore({ config }: TestDatabase, octets: Uint8Array): Promise<unknown> {
  writeFileSync(file, octets);
  return restoreFrom(file, (opened) => load(config, opened, MIGRATIONS, () => {}));
}

/** All that there is in a database: its script but for the moment. */
async function contents(database: TestDatabase): Promise<string> {
  const { rows } = await database.pool.query(
    "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace",
  );
  const names = rows.map(({ relname, relkind }) => `${relname} ${relkind}`).sort();
  return [...names, (await scriptOf(database)).replace(/^.*\n/, "")].join("\n");
}

const source = await store();
await addAccount(source.pool);
await addAccount(source.pool);
await source.pool.query(`
  INSERT INTO carrier (id) VALUES ('acme');
  INSERT INTO message (id, account_id, destination, parts, expires_at, leased_by, sender, body, state)
  SELECT ('01000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, 447700900123 + n, 1, now(), 0, 'Shop', 'text ' || n, 0
  FROM generate_series(1, 20) n`);
const script = await scriptOf(source);
/** A refused restore leaves it as it was, so that all but those that succeed have the same. */
const empty = await store();
const asItWas = await contents(empty);
const rowsOf = (text: string) => text.slice(text.indexOf("\n") + 1);

/** The script with its first line's JSON changed. */
function headed(change: (header: Record<string, unknown>) => unknown): string {
  const [line = ""] = script.split("\n", 1);
  const start = line.indexOf("{");
  return `${line.slice(0, start)}${JSON.stringify(change(JSON.parse(line.slice(start))))}\n${rowsOf(script)}`;
}

const aMessage = /^01000000-0000-7000-8000-000000000007.*\n/m.exec(script)?.[0] as string;
const DAY = 86_400_000;

describe("a restore is refused in a sentence that names what is wrong, and leaves the database as it was:", () => {
  test.each<[what: string, octets: Uint8Array, reason: string | RegExp]>([
    ["a file that is not packed", Buffer.from(script), "is no backup, or not all of one: incorrect header check"],
    ["an empty file", Buffer.alloc(0), "no backup"],
    ["another text", gzipSync("CREATE TABLE x;\n"), "this is no backup of Messaging Plus"],
    ["one whose end is cut off", gzipSync(script).subarray(0, -200), "unexpected end of file"],
    ["one without its checksum", gzipSync(script).subarray(0, -8), "unexpected end of file"],
    [
      "one cut amid its rows",
      gzipSync(script.slice(0, script.indexOf("text 9"))),
      "in the rows of message: the backup is cut short",
    ],
    ["one cut between tables", gzipSync(script.slice(0, script.indexOf("COPY message "))), "the backup is cut short"],
    ["one with a second behind it", Buffer.concat([gzipSync(script), gzipSync(script)]), "goes on after its last line"],
    ["a first line that is no JSON", gzipSync(script.replace("{", "{{")), "the backup's first line, which says"],
    ["a first line that is null", gzipSync(headed(() => null)), "a form that this program does not know"],
    ["another form", gzipSync(headed((h) => ({ ...h, format: 2 }))), "a form that this program does not know"],
    ["a newer schema", gzipSync(headed((h) => ({ ...h, schema: 9_999 }))), "of a newer program"],
    ["an older schema", gzipSync(headed((h) => ({ ...h, schema: 1 }))), "use an empty one"],
    ["a schema below any", gzipSync(headed((h) => ({ ...h, schema: -1 }))), 'wrong "schema"'],
    ["a schema that is none", gzipSync(headed((h) => ({ ...h, schema: "3" }))), 'wrong "schema"'],
    ["no days", gzipSync(headed((h) => ({ ...h, days: undefined }))), 'wrong "days"'],
    ["days without end", gzipSync(headed((h) => ({ ...h, days: Array(10_000).fill(0) }))), 'wrong "days"'],
    ["a day that is none", gzipSync(headed((h) => ({ ...h, days: [Date.parse("2026-01-01") + 1] }))), 'wrong "days"'],
    ["a day of another age", gzipSync(headed((h) => ({ ...h, days: [DAY * 1e8] }))), 'wrong "days"'],
    ["a moment that is none", gzipSync(headed((h) => ({ ...h, at: "\u001b[2J" }))), 'wrong "at"'],
    [
      "a table that is not there",
      gzipSync(script.replace("COPY message ", "COPY pg_authid ")),
      "its schema has not: pg_authid",
    ],
    [
      "a column that is not there",
      gzipSync(script.replace("COPY carrier (number", "COPY carrier (numbers")),
      "the table carrier has other columns than the backup: number, id",
    ],
    [
      "a column less",
      gzipSync(script.replace("COPY carrier (number, ", "COPY carrier (")),
      "the table carrier has other columns",
    ],
    ["a table less", gzipSync(script.replace(/^COPY carrier .*?^\\\.\n/ms, "")), "the backup lacks the table carrier"],
    [
      "a row that is there twice",
      gzipSync(script.replace(aMessage, aMessage + aMessage)),
      /message, row 8: duplicate key value violates unique constraint "message_default_pkey"/,
    ],
    [
      "a row of an account that is not there",
      gzipSync(script.replace("\nCOPY account ", "\nCOPY account ").replace(/^(1\t[-0-9a-f]+\t)1\t/m, "$17\t")),
      /account.*violates foreign key constraint/,
    ],
    [
      "a value that is none",
      gzipSync(script.replace("447700900130", "4477009001x0")),
      'message, row 7, destination: invalid input syntax for type bigint: "…"',
    ],
    [
      "a value beyond its type",
      gzipSync(script.replace("447700900130", "9".repeat(30))),
      "message, row 7, destination: value",
    ],
    [
      "a row that lacks fields",
      gzipSync(script.replace(aMessage, "01000000-0000-7000-8000-000000000007\n")),
      /message, row 7: missing data for column "\w+"/,
    ],
    ["a row with more fields", gzipSync(script.replace(aMessage, `x\t${aMessage}`)), /message, row 7/],
    [
      "what is no UTF-8",
      gzipSync(Buffer.from(script.replace("text 7", "te\u00fft 7"), "latin1")),
      /message, row 7: invalid byte sequence/,
    ],
    [
      "an order that is none",
      gzipSync(script.replace("-- end", "DROP TABLE message;\u001b[2J")),
      'none of a backup\'s: "DROP TABLE message;\\u001b[2J"',
    ],
    [
      "a sequence that is not there",
      gzipSync(script.replace("setval('account_id_seq'", "setval('message_pkey'")),
      "its schema has not: message_pkey",
    ],
    [
      "a sequence beyond its end",
      gzipSync(script.replace(/setval\('carrier_number_seq', \d+/, "setval('carrier_number_seq', 9999999999999999999")),
      "the sequence carrier_number_seq cannot be at",
    ],
    ["a first line without end", gzipSync(Buffer.alloc(20_000_000, "x")), "a line that is too long"],
    [
      "a line without end between tables",
      gzipSync(script.replace("-- end", "x".repeat(20_000_000))),
      "a line that is too long",
    ],
    [
      "a row without end",
      gzipSync(script.replace("text 7", "x".repeat(80_000_000)), { level: 1 }),
      "in the rows of message: the backup has a row of more than",
    ],
  ])("%s", async (_, octets, reason) => {
    const refused = await restore(empty, octets).then(
      () => "restored",
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(BackupError);
    expect((refused as Error).message).toMatch(reason);
    expect(await contents(empty)).toBe(asItWas);
  });

  test("where the database has no room for its locks", async () => {
    const dataDir = await temporaryDataDir();
    onTestFinished(() => removeDataDir(dataDir));
    const settings = { max_connections: "10", max_locks_per_transaction: "10" };
    const server = await startEmbedded({ dataDir, log: () => {}, settings });
    onTestFinished(async () => void (await server.stop()));
    const { connection } = server;
    const days = Array.from({ length: 300 }, (_, day) => Date.parse("2025-01-01") + day * DAY);
    writeFileSync(file, gzipSync(headed((header) => ({ ...header, days }))));
    await expect(restoreFrom(file, (opened) => load(connection, opened, MIGRATIONS, () => {}))).rejects.toThrow(
      "cannot lock the tables of 300 days at once: raise its max_locks_per_transaction",
    );
    expect(await query(connection, "SELECT relname FROM pg_class WHERE relname = 'account'")).toEqual([]);
  });

  test("also where it had no schema", async () => {
    const target = await store();
    await target.pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    await expect(restore(target, gzipSync(script.replace("-- end", "--")))).rejects.toThrow("none of a backup's");
    const { rows } = await target.pool.query(
      "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    );
    expect(rows).toEqual([]);
  });
});

const CHANCES = Number(process.env.MPLUS_TEST_CHANCES ?? 20);
const lines = script.split("\n");

/** An octet of the packed file changed, or one or more left out, put in or doubled. */
const packed = fc
  .record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(9), put: fc.uint8Array({ maxLength: 9 }) })
  .map(({ at, length, put }) => {
    const octets = gzipSync(script);
    const from = Math.floor(at * octets.length);
    return Buffer.concat([octets.subarray(0, from), put, octets.subarray(from + length)]);
  });

/** The same of what was packed, or a line of it doubled, left out or moved. */
const unpacked = fc.oneof(
  fc
    .record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(9),
      put: fc.oneof(fc.string({ maxLength: 9 }), fc.constantFrom("\t", "\n", "\\N", "\\.\n", "999999999999", "\u0000")),
    })
    .map(({ at, length, put }) => {
      const from = Math.floor(at * script.length);
      return script.slice(0, from) + put + script.slice(from + length);
    }),
  fc
    .record({ from: fc.nat(lines.length - 1), to: fc.nat(lines.length - 1), taken: fc.boolean() })
    .map(({ from, to, taken }) => {
      const rest = taken ? lines.filter((_, index) => index !== from) : lines;
      return [...rest.slice(0, to), lines[from], ...rest.slice(to)].join("\n");
    }),
);

test(`a mangled backup is restored as it says or refused in a sentence, MPLUS_TEST_SEED=${SEED}`, async () => {
  let target = await store();
  const files = fc.oneof(
    packed.map((octets) => ({ octets, whole: true })),
    unpacked.map((text) => ({ octets: gzipSync(text), whole: false })),
  );
  for (const { octets, whole } of fc.sample(files, { seed: SEED, numRuns: CHANCES })) {
    const refused = await restore(target, octets).then(
      () => null,
      (error: unknown) => error,
    );
    if (refused === null) {
      // What the packing's checksum does not cover is the packing's alone; and no mangled text is another one.
      const text = whole ? script : gunzipSync(octets).toString("utf8");
      if (whole) expect(rowsOf(await scriptOf(target))).toBe(rowsOf(text));
      await target.close();
      databases.splice(databases.indexOf(target), 1);
      target = await store();
      continue;
    }
    expect(refused).toBeInstanceOf(BackupError);
    expect((refused as Error).message).not.toMatch(/\n|\p{Cc}/u);
    expect(await contents(target)).toBe(asItWas);
  }
}, 300_000);
