import { firstIdAt } from "../message/id.ts";
import type { Database } from "./database.ts";

/**
 * Bundles: one row stands for several others until each of these has a row of its own. Messages that were accepted together
 * are stored so (store/messages/bundles.ts), and webhooks that became due together (store/webhooks/webhook-bundles.ts).
 * Both live by the rules that are here:
 *
 * - A bundle belongs to one node's memory, or waits for its first (node 0). It never goes back.
 * - The statement that writes the last of its members' rows deletes it (`ending`, `goneSql`).
 * - What is taken from a node that died, leaves or lost it is materialized: those of its members that have no row get one,
 *   to be claimed. A member's key decides: whoever writes its row first has written it.
 */

/** A bundle in a node's memory. */
export interface BundleRef {
  id: string;
  /** Members without a row of their own yet, as far as this node knows. */
  left: number;
}

/** A message or a webhook that was stored in a bundle. */
export interface Member {
  /** Undefined once it has a row. */
  bundle: BundleRef | undefined;
}

/**
 * Has members' rows written by a statement that also ends the bundles of which they are the last. Each counts once, however often
 * it is written: a bundle that ended too early would take the messages along that are in it alone.
 * @param write is given the ids of these bundles
 */
export async function ending<Result>(
  members: readonly Member[],
  write: (ended: string[]) => Promise<Result>,
): Promise<Result> {
  const counts = new Map<BundleRef, number>();
  for (const { bundle } of members) if (bundle !== undefined) counts.set(bundle, (counts.get(bundle) ?? 0) + 1);
  const result = await write([...counts].flatMap(([{ id, left }, count]) => (left === count ? [id] : [])));
  for (const [bundle, count] of counts) bundle.left -= count;
  for (const member of members) member.bundle = undefined;
  return result;
}

/** How the rows of a kind are stored in bundles. */
export interface BundleKind {
  table: "message_bundle" | "webhook_bundle";
  /** The ids of a bundle `b` that no row has yet, as a SELECT. */
  missing: string;
  /** Inserts rows that wait to be claimed for the members `b` of bundles for which `condition` holds; those that have one keep it. */
  rowsOf(condition: string): string;
  /** Runs a statement that reads what is in bundles. */
  reading?<Result>(db: Database, work: () => Promise<Result>): Promise<Result>;
}

/** A bundle as it is stored. */
export interface StoredBundle {
  id: string;
  /** The ids of its members that have no row. */
  missing: string[];
}

/** Some bundles of a kind. */
export interface Which {
  /** Of the statement, where it is run again and again. */
  name?: string;
  /** The condition that they are found by, and how many of them at most. */
  where: string;
  /** Lists, for `WITH RECURSIVE`, that the condition is made from. */
  lists?: readonly string[];
  values?: readonly unknown[];
}

/** The bundles of a kind in the store. */
export class Bundles {
  readonly #kind: BundleKind;

  constructor(kind: BundleKind) {
    this.#kind = kind;
  }

  /**
   * A list `gone` that deletes the bundles whose ids are a parameter of the statement, as in `$2`. One that is just materialized is
   * left to who does that, and who may wait for the rows that this statement has written.
   */
  goneSql(parameter: string): string {
    const { table } = this.#kind;
    const free = `SELECT id FROM ${table} WHERE id = ANY (${parameter}::uuid[]) FOR UPDATE SKIP LOCKED`;
    return `gone AS (DELETE FROM ${table} WHERE id IN (${free}))`;
  }

  /** A node's bundles that were made before a time, in epoch milliseconds. */
  async stored(db: Database, node: number, before: number): Promise<StoredBundle[]> {
    const { table, missing } = this.#kind;
    const text = `SELECT b.id, ARRAY(${missing}) AS missing FROM ${table} b WHERE b.node = $1 AND b.id < $2`;
    return (await db.query<StoredBundle>({ name: `stored ${table}`, text, values: [node, firstIdAt(before)] })).rows;
  }

  /** Ends bundles of which each member has a row although they are still there: several statements at once wrote the last. */
  async end(db: Database, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const text = `DELETE FROM ${this.#kind.table} WHERE id = ANY ($1::uuid[])`;
    await db.query({ name: `end ${this.#kind.table}`, text, values: [ids] });
  }

  /** Gives these members of a node's bundles rows, to be claimed. */
  async materializeMembers(db: Database, ids: readonly string[], node: number): Promise<void> {
    if (ids.length === 0) return;
    const text = this.#kind.rowsOf("b.node = $2 AND b.id = ANY ($1::uuid[])");
    await this.#reading(db, () => db.query({ text, values: [ids, node] }));
  }

  /**
   * Ends bundles, and gives those of their members that have no row one, to be claimed. A member whose row is being written
   * at this moment has that or this, by its key. A bundle that another program just claims or ends stays that one's. Answers
   * how many got one.
   */
  async materialize(db: Database, { name, where, lists = [], values = [] }: Which): Promise<number> {
    const { table, rowsOf } = this.#kind;
    const which = `which AS (SELECT id FROM ${table} WHERE ${where} FOR UPDATE SKIP LOCKED)`;
    const ended = `ended AS (DELETE FROM ${table} WHERE id IN (SELECT id FROM which))`;
    const text = `
WITH RECURSIVE ${[...lists, which, ended].join(", ")}
${rowsOf("b.bundle IN (SELECT id FROM which)")}`;
    const query = { text, values: [...values], ...(name === undefined ? {} : { name }) };
    return (await this.#reading(db, () => db.query(query))).rowCount ?? 0;
  }

  #reading<Result>(db: Database, work: () => Promise<Result>): Promise<Result> {
    const { reading } = this.#kind;
    return reading === undefined ? work() : reading(db, work);
  }
}
