import { timeOf } from "../../message/id.ts";
import type { Database } from "../database.ts";

const DAY_MS = 86_400_000;
/** Programs on several machines may be this far apart about what day it is. */
const CLOCK_SKEW_MS = 3_600_000;

/** Tables that are partitioned by day. */
export type PartitionedTable = "message" | "message_part" | "webhook" | "inbound";

/** The column that each is partitioned by. */
export const PARTITION_KEYS = {
  message: "id",
  message_part: "message_id",
  webhook: "id",
  inbound: "id",
} as const satisfies Record<PartitionedTable, string>;

const dates = new Map<number, string>();
const MOST_DATES = 1_000;

/** The name of a day's partition. Its date is remembered: to make it takes 2 µs, and every flush asks for several. */
export function partitionName(table: PartitionedTable, at: number): string {
  const day = Math.floor(at / DAY_MS);
  let date = dates.get(day);
  if (date === undefined) {
    if (dates.size >= MOST_DATES) dates.clear();
    date = new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "");
    dates.set(day, date);
  }
  return `${table}_${date}`;
}

/** The begin of a partition's day, in epoch milliseconds; null where it is no day's. */
export function dayOf(name: string): number | null {
  const [, year, month, date] = /_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
  return date === undefined ? null : Date.UTC(Number(year), Number(month) - 1, Number(date));
}

/**
 * The names of all partitions of our tables. Our tables are those that a statement finds by their bare names: another
 * installation in the same database, in a schema of its own, has partitions of the same names.
 */
export async function listPartitions(db: Database): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>({
    text: `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = ANY ($1::text[]::regclass[])`,
    values: [Object.keys(PARTITION_KEYS)],
  });
  return rows.map(({ name }) => name);
}

/**
 * The partitions that there are, so that a statement names the day that it works on. On the parent it would open and
 * lock every day's partition; and a bound on the id, by which the executor leaves days out, is a second way to read
 * the rows that the planner takes where statistics are young: it once read all messages for each of a flush's receipts.
 */
export class Partitions {
  #names = new Set<string>();

  async refresh(db: Database): Promise<void> {
    this.#names = new Set(await listPartitions(db));
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Rows by the table to name for them: their day's partition, or the parent where that is not known to be there. */
  group<Row extends { id: string }>(table: PartitionedTable, rows: readonly Row[]): Map<string, Row[]> {
    const groups = new Map<string, Row[]>();
    let lastDay = -1;
    let group: Row[] = [];
    for (const row of rows) {
      const day = Math.floor(timeOf(row.id) / DAY_MS);
      if (day !== lastDay) {
        lastDay = day;
        const name = partitionName(table, day * DAY_MS);
        const target = this.#names.has(name) ? name : table;
        group = groups.get(target) ?? [];
        groups.set(target, group);
      }
      group.push(row);
    }
    return groups;
  }

  /**
   * The partitions of the days from `since` until now (epoch milliseconds), today's first, and the default one. In the
   * last hour of a day tomorrow's comes second: nearly nothing is in it.
   */
  recent(table: PartitionedTable, since: number, now: number): string[] {
    const names = new Set([partitionName(table, now), partitionName(table, now + CLOCK_SKEW_MS)]);
    for (let at = now - DAY_MS; at > since - DAY_MS; at -= DAY_MS) names.add(partitionName(table, at));
    return [...[...names].filter((name) => this.#names.has(name)), `${table}_default`];
  }
}
