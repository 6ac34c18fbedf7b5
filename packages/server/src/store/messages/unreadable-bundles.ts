import type { Database } from "../database.ts";

/** The node of bundles that are set aside (migrations/0012_lots_set_aside.sql). */
const SET_ASIDE = -1;

/**
 * SQLSTATEs (PostgreSQL's documentation, appendix A) of what a bundle's content can do to a statement that reads it: text
 * that is no JSON and values that are none of their type (22), columns that it lacks (23502), corrupted storage (XX).
 */
const UNREADABLE = /^(?:22...|23502|XX...)$/;

/** Bundles that are looked through in one step. */
const PAGE = 1_000;

/**
 * Does work that reads bundles. Where it fails by the content of one, those that cannot be read are set aside, so that they
 * keep back none of the others, and it is done again.
 */
export async function readingBundles<Result>(db: Database, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== "string" || !UNREADABLE.test(code)) throw error;
    const unreadable = await unreadableBundles(db);
    if (unreadable.length === 0) throw error;
    await setAsideBundles(db, unreadable);
    return work();
  }
}

/** Leaves bundles where they are, in nobody's memory. */
export async function setAsideBundles(db: Database, ids: readonly string[]): Promise<void> {
  await db.query({ text: `UPDATE message_bundle SET node = ${SET_ASIDE} WHERE id = ANY ($1::uuid[])`, values: [ids] });
}

async function unreadableBundles(db: Database): Promise<string[]> {
  const unreadable: string[] = [];
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const { rows } = await db.query<{ id: string }>({
      text: `SELECT id FROM message_bundle WHERE id > $1 AND node >= 0 ORDER BY id LIMIT ${PAGE}`,
      values: [after],
    });
    for (const { id } of rows) if (!(await isReadable(db, id))) unreadable.push(id);
    if (rows.length < PAGE) return unreadable;
    after = rows.at(-1)!.id;
  }
}

const READ = `
SELECT bool_and(num_nulls(m.id, m.account_id, m.destination, m.parts, m.expires_at) = 0)
       AND count(*) = max(cardinality(m.ids)) AS readable
FROM bundled_message m WHERE m.bundle = $1`;

/** One that has gone meanwhile is none that cannot be read. */
async function isReadable(db: Database, id: string): Promise<boolean> {
  try {
    const { rows } = await db.query<{ readable: boolean | null }>({ text: READ, values: [id] });
    if (rows[0]?.readable === true) return true;
    const { rowCount } = await db.query({
      text: "SELECT FROM message_bundle WHERE id = $1 AND node >= 0",
      values: [id],
    });
    return rowCount === 0;
  } catch (error) {
    if (!UNREADABLE.test(String((error as { code?: unknown }).code))) throw error;
    return false;
  }
}

/** A bundle that is set aside. */
export interface BundleAside {
  id: string;
  /** Messages in it. */
  messages: number;
}

export async function lotsAside(db: Database): Promise<BundleAside[]> {
  const text = `SELECT id, cardinality(ids) AS messages FROM message_bundle WHERE node = ${SET_ASIDE} ORDER BY id`;
  return (await db.query<BundleAside>({ name: "bundles-aside", text })).rows;
}

/** A node that is no more: what is its is taken over. */
const NOBODY = 2_147_483_647;

/** Has them taken over again: this program may be of the version that can read them. */
export async function retryBundlesAside(db: Database): Promise<void> {
  await db.query({ text: `UPDATE message_bundle SET node = ${NOBODY} WHERE node = ${SET_ASIDE}` });
}
