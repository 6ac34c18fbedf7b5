import { afterAll, beforeAll, expect, test } from "vitest";
import { newBatchId } from "../../src/message/id.ts";
import { findNumberOwners } from "../../src/store/accounts/number-owners.ts";
import { findSenderOwners, insertSender, refoldSenders } from "../../src/store/accounts/senders.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let database: TestDatabase;
const organizations: number[] = [];

beforeAll(async () => {
  database = await testDatabase();
  for (const name of ["one", "two", "three"]) {
    const { rows } = await database.pool.query<{ id: number }>(
      "INSERT INTO organization (identifier, name) VALUES (gen_random_uuid(), $1) RETURNING id",
      [name],
    );
    organizations.push(rows[0]!.id);
  }
});

afterAll(() => database.close());

let made = 0;
const register = (value: string, organizationId: number) =>
  insertSender(database.pool, { identifier: newBatchId(++made), value, organizationId, accountId: null });

async function ownersOf(...senders: string[]): Promise<(number | undefined)[]> {
  const owners = await findSenderOwners(database.pool, senders);
  return senders.map((sender) => owners.get(sender)?.organizationId);
}

test("a sender ID that looks like another's is the other's", async () => {
  const [one, two] = organizations as [number, number];
  expect(await register("MyBank", one)).toBe(true);
  expect(await register("Oil Co", one)).toBe(true);
  for (const value of ["MYBANK", "MyBΛnk", "MyBänk", "0il Co", "OII Co", "o1l co"]) {
    expect({ value, registered: await register(value, two), owners: await ownersOf(value) }).toEqual({
      value,
      registered: false,
      owners: [one],
    });
  }
  expect(await ownersOf("MyBanks")).toEqual([undefined]);
});

test("a name that looks like a number does not get what handsets write to it", async () => {
  const [one, two] = organizations as [number, number];
  expect(await register("8O12O", one)).toBe(true);
  expect(await register("80120", two)).toBe(false);
  expect(await findNumberOwners(database.pool, [{ handset: "447700900123", number: "80120" }])).toEqual([null]);
});

test("what was registered when lower case alone was compared stays its owner's", async () => {
  const [one, two, three] = organizations as [number, number, number];
  for (const [value, owner] of [
    ["Mail", one],
    ["Mall", two],
    ["Solo", one],
  ] as const) {
    await database.pool.query(
      `INSERT INTO sender (identifier, organization_id, value, folded, created_at)
       VALUES ($1, $2, $3, lower($3), 'epoch'::timestamptz + $4 * interval '1 s')`,
      [newBatchId(++made), owner, value, made],
    );
  }
  for (let times = 0; times < 2; times++) {
    await refoldSenders(database.pool);
    expect(await ownersOf("Mail", "Mall", "MALL", "MaI1", "S010")).toEqual([one, two, two, one, one]);
  }
  for (const value of ["Mail", "mall", "Ma11", "So1o"]) expect(await register(value, three)).toBe(false);
});
