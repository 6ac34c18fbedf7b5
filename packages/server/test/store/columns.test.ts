import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { arrayLiteral, quotedTwice } from "../../src/store/database.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase();
afterAll(database.close);

async function readBack(type: string, values: readonly (string | number | boolean | null)[]): Promise<unknown> {
  const { rows } = await database.pool.query(`SELECT $1::${type}[] AS values`, [
    arrayLiteral(values, (value) => value),
  ]);
  return rows[0].values;
}

test("a column of texts comes to PostgreSQL as it is, whatever stands in it", async () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom("{", "}", ",", '"', "\\", " ", "N", "U", "L", "'", "\n") }),
    fc.constantFrom("NULL", "null", "", "{}", " "),
  );
  const storable = text.filter((value) => !value.includes("\0") && value.isWellFormed());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(storable), { maxLength: 30 }), async (values) => {
      expect(await readBack("text", values)).toEqual(values);
    }),
  );
});

test.each<[string, (string | number | boolean | null)[]]>([
  ["int", [0, -1, 2_147_483_647, null]],
  ["smallint", [1, null]],
  ["float8", [1_764_093_600_123.5, null]],
  ["boolean", [true, false, null]],
  ["uuid", ["01a209e4-176d-7660-b8de-a22610700000", null]],
])("so does one of %s", async (type, values) => {
  expect(await readBack(type, values)).toEqual(values);
});

test("a row's texts come as they are, whatever stands in them", async () => {
  await database.pool.query("CREATE TYPE pair AS (number int, text text, other text)");
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom("(", ")", "{", "}", ",", '"', "\\", " ", "N", "'", "\n") }),
    fc.constantFrom("NULL", "", "()", " "),
  );
  const storable = text.filter((value) => !value.includes("\0") && value.isWellFormed());
  const pair = fc.record({ number: fc.integer(), text: storable, other: storable });
  await fc.assert(
    fc.asyncProperty(fc.array(pair, { maxLength: 20 }), async (pairs) => {
      const composites = pairs.map(
        ({ number, text, other }) => `"(${number},${quotedTwice(text)},${quotedTwice(other)})"`,
      );
      const { rows } = await database.pool.query("SELECT * FROM unnest($1::pair[])", [`{${composites.join(",")}}`]);
      expect(rows).toEqual(pairs);
    }),
  );
});
