import type { Database } from "../database.ts";

/** The worker of lots that are set aside (migrations/0012_lots_set_aside.sql). */
const SET_ASIDE = -1;

/**
 * SQLSTATEs (PostgreSQL's documentation, appendix A) of what a lot's content can do to a statement that reads it: text
 * that is no JSON and values that are none of their type (22), columns that it lacks (23502), corrupted storage (XX).
 */
const UNREADABLE = /^(?:22...|23502|XX...)$/;

/** Lots that are looked through in one step. */
const PAGE = 1_000;

/**
 * Does work that reads lots. Where it fails by the content of one, those that cannot be read are set aside, so that they
 * keep back none of the others, and it is done again.
 */
export async function readingLots<Result>(db: Database, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== "string" || !UNREADABLE.test(code)) throw error;
    const unreadable = await unreadableLots(db);
    if (unreadable.length === 0) throw error;
    await setAsideLots(db, unreadable);
    return work();
  }
}

/** Leaves lots where they are, in nobody's hand. */
export async function setAsideLots(db: Database, ids: readonly string[]): Promise<void> {
  await db.query({ text: `UPDATE lot SET worker = ${SET_ASIDE} WHERE id = ANY ($1::uuid[])`, values: [ids] });
}

async function unreadableLots(db: Database): Promise<string[]> {
  const unreadable: string[] = [];
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const { rows } = await db.query<{ id: string }>({
      text: `SELECT id FROM lot WHERE id > $1 AND worker >= 0 ORDER BY id LIMIT ${PAGE}`,
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
FROM lot_message m WHERE m.lot = $1`;

/** One that has gone meanwhile is none that cannot be read. */
async function isReadable(db: Database, id: string): Promise<boolean> {
  try {
    const { rows } = await db.query<{ readable: boolean | null }>({ text: READ, values: [id] });
    if (rows[0]?.readable === true) return true;
    const { rowCount } = await db.query({ text: "SELECT FROM lot WHERE id = $1 AND worker >= 0", values: [id] });
    return rowCount === 0;
  } catch (error) {
    if (!UNREADABLE.test(String((error as { code?: unknown }).code))) throw error;
    return false;
  }
}

/** A lot that is set aside. */
export interface LotAside {
  id: string;
  /** Messages in it. */
  messages: number;
}

export async function lotsAside(db: Database): Promise<LotAside[]> {
  const text = `SELECT id, cardinality(ids) AS messages FROM lot WHERE worker = ${SET_ASIDE} ORDER BY id`;
  return (await db.query<LotAside>({ name: "lots-aside", text })).rows;
}

/** A worker that is no more: what is its is taken over. */
const NOBODY = 2_147_483_647;

/** Has them taken over again: this program may be of the version that can read them. */
export async function retryLotsAside(db: Database): Promise<void> {
  await db.query({ text: `UPDATE lot SET worker = ${NOBODY} WHERE worker = ${SET_ASIDE}` });
}
