import { expect, test } from "vitest";
import type { Database } from "../database.ts";
import { Partitions } from "./partition-names.ts";

const DAYS = ["20260308", "20260309", "20260310", "20260311"];

async function partitions(): Promise<Partitions> {
  const names = new Partitions();
  const rows = DAYS.map((day) => ({ name: `message_${day}` }));
  await names.refresh({ query: async () => ({ rows }) } as unknown as Database);
  return names;
}

test.each([
  ["at noon today's comes first", "2026-03-10T12:00:00Z", "2026-03-10T01:00:00Z", ["20260310", "20260309"]],
  [
    "in the last hour tomorrow's second",
    "2026-03-10T23:30:00Z",
    "2026-03-10T01:00:00Z",
    ["20260310", "20260311", "20260309"],
  ],
  [
    "down to the day that it begins in",
    "2026-03-10T00:10:00Z",
    "2026-03-08T23:50:00Z",
    ["20260310", "20260309", "20260308"],
  ],
])("of the days that a receipt's message may be of, %s", async (_what, now, since, days) => {
  const names = (await partitions()).recent("message", Date.parse(since), Date.parse(now));
  expect(names.slice(0, days.length)).toEqual(days.map((day) => `message_${day}`));
  expect(names.at(-1)).toBe("message_default");
});
