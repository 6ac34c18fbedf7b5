import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { dump } from "../../src/store/backup/dump.ts";
import { load, openBackup } from "../../src/store/backup/load.ts";
import { Script } from "../../src/store/backup/script.ts";
import { MIGRATIONS, migrate } from "../../src/store/upkeep/migrate.ts";
import { ensurePartitions } from "../../src/store/upkeep/partitions.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { addAccount } from "../support/program.ts";

const databases: TestDatabase[] = [];
afterAll(() => Promise.all(databases.map((database) => database.close())));

async function store(): Promise<TestDatabase> {
  const database = await testDatabase();
  databases.push(database);
  return database;
}

/** One without a schema. */
async function emptyDatabase(): Promise<TestDatabase> {
  const database = await store();
  await database.pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  return database;
}

async function backupOf({ config }: TestDatabase): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of dump(config, new Map())) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Without its first line, which has the time. */
function rowsIn(backup: Buffer): string {
  const text = backup.toString("utf8");
  return text.slice(text.indexOf("\n") + 1);
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function restore({ config }: TestDatabase, backup: Buffer, size = 1_000) {
  return load(config, await openBackup(pieces(backup, size)), MIGRATIONS, () => {});
}

const DAY = "2026-03-01";
const TEXTS = ["\\.", "x\n\\.\n", "tab\tand\r\nline", "\\N", "Grüße 👋", "'; DROP TABLE message; --"];

/** A store with a row in most tables, and texts that a script might trip over. */
async function filledStore(): Promise<TestDatabase> {
  const database = await store();
  const { pool } = database;
  await addAccount(pool);
  await addAccount(pool);
  await ensurePartitions(pool, Date.parse(DAY), Date.parse(DAY));
  const prefix = Date.parse(DAY).toString(16).padStart(12, "0");
  const day = `${prefix.slice(0, 8)}-${prefix.slice(8)}`;
  for (const [index, text] of TEXTS.entries()) {
    // The second half is of a day without a partition.
    const at = index % 2 === 0 ? day : "01000000-0000";
    await pool.query(
      `INSERT INTO message (id, account_id, destination, parts, expires_at, leased_by, sender, body, state)
       VALUES ($1, 1, 447700900123, 1, now(), 0, 'Shop', $2, 0)`,
      [`${at}-7000-8000-${String(index).padStart(12, "0")}`, text],
    );
  }
  await pool.query("INSERT INTO carrier (id) VALUES ('acme'), ('gone'); DELETE FROM carrier WHERE id = 'gone'");
  return database;
}

describe("a backup", () => {
  test("of what was restored is the same, to the byte", async () => {
    const backup = await backupOf(await filledStore());
    for (const target of [await store(), await emptyDatabase()]) {
      const { rows, at } = await restore(target, backup);
      expect({ messages: rows.get("message"), accounts: rows.get("account") }).toEqual({
        messages: TEXTS.length,
        accounts: 2,
      });
      expect(Date.parse(at)).toBeCloseTo(Date.now(), -5);
      expect(rowsIn(await backupOf(target))).toBe(rowsIn(backup));
      const { rows: bodies } = await target.pool.query("SELECT body FROM message ORDER BY substr(id::text, 25)");
      expect(bodies.map(({ body }) => body)).toEqual(TEXTS);
      // Days have their partitions again, and numbers that were given are not given again.
      const { rows: days } = await target.pool.query("SELECT count(*)::int AS count FROM message_20260301");
      expect(days).toEqual([{ count: 3 }]);
      const { rows: next } = await target.pool.query("INSERT INTO carrier (id) VALUES ('new') RETURNING number");
      expect(next).toEqual([{ number: 3 }]);
    }
  });

  test("is of one moment, whatever is written while it is read", async () => {
    const database = await filledStore();
    const script = dump(database.config, new Map());
    const read = [String((await script.next()).value)];
    await database.pool.query("UPDATE message SET body = 'later'; DELETE FROM api_key");
    for await (const piece of script) read.push(String(piece));
    expect(read.join("")).not.toContain("later");
    expect(read.join("").match(/^\\\\x[0-9a-f]{64}\t/gm)).toHaveLength(2);
  });

  test("leaves out a day that is dropped before its turn, and keeps no table from being dropped after it", async () => {
    const database = await filledStore();
    const script = dump(database.config, new Map());
    const { value } = await script.next();
    await database.pool.query("DROP TABLE message_20260301");
    let text = String(value);
    for await (const piece of script) text += String(piece);
    const target = await store();
    expect((await restore(target, Buffer.from(text))).rows.get("message")).toBe(TEXTS.length / 2);
  });

  test("of an older schema is brought up to date", async () => {
    const old = await emptyDatabase();
    await migrate(old.config, MIGRATIONS, () => {}, { upTo: 4 });
    await addAccount(old.pool);
    const target = await emptyDatabase();
    await restore(target, await backupOf(old));
    expect((await migrate(target.config, MIGRATIONS, () => {})).applied).toEqual([]);
    const { rows } = await target.pool.query("SELECT count(*)::int AS count FROM account");
    expect(rows).toEqual([{ count: 1 }]);
  });
});

describe("nothing is restored", () => {
  const state = async ({ pool }: TestDatabase) =>
    (await pool.query("SELECT name FROM organization UNION ALL SELECT name FROM account")).rows;

  test("over a store that is not empty", async () => {
    const backup = await backupOf(await filledStore());
    const target = await store();
    await target.pool.query("INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), 'mine')");
    await expect(restore(target, backup)).rejects.toThrow("not empty");
    expect(await state(target)).toEqual([{ name: "mine" }]);
  });

  test("of a file that is cut, is none, or is of a newer program", async () => {
    const backup = await backupOf(await filledStore());
    const [target, bare] = [await store(), await emptyDatabase()];
    const newer = Buffer.from(backup.toString("utf8").replace(/"schema":\d+/, '"schema":9999'));
    const stranger = Buffer.from(backup.toString("utf8").replace("-- end", "DROP TABLE message;"));
    for (const [file, reason] of [
      [backup.subarray(0, backup.indexOf("\\.\n")), "cut short"],
      [backup.subarray(0, backup.length - 7), "cut short"],
      [Buffer.from("CREATE TABLE x;\n"), "no backup"],
      [Buffer.alloc(0), "no backup"],
      [newer, "newer program"],
      [stranger, "none of a backup's"],
    ] as const) {
      for (const database of [target, bare]) {
        await expect(restore(database, file)).rejects.toThrow(reason);
      }
      expect(await state(target)).toEqual([]);
    }
  });

  test("into a schema that is newer than the backup's", async () => {
    const old = await emptyDatabase();
    await migrate(old.config, MIGRATIONS, () => {}, { upTo: 4 });
    await expect(restore(await store(), await backupOf(old))).rejects.toThrow("use an empty one");
  });
});

test("rows are read to their end, wherever the file is cut into pieces", async () => {
  const row = fc.string({ unit: fc.constantFrom("a", "\\", ".", "n", "\t") }).filter((text) => text !== "\\.");
  await fc.assert(
    fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 9 }), async (rows, size) => {
      const text = `COPY\n${rows.map((one) => `${one}\n`).join("")}\\.\nafter`;
      const script = new Script(pieces(Buffer.from(text), size));
      expect(await script.line()).toBe("COPY");
      let read = "";
      for await (const portion of script.rows()) {
        read += portion.toString("utf8");
      }
      expect(read).toBe(rows.map((one) => `${one}\n`).join(""));
      expect([await script.line(), await script.line()]).toEqual(["after", null]);
    }),
  );
});
