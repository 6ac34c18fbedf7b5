import { columns, type Database } from "../database.ts";

/** How a carrier names a text from a handset. */
export interface InboundName {
  /** The carrier's number. */
  carrier: number;
  /** Hexadecimal. */
  name: string;
}

/** In an order, so that two programs that take the same texts at once do not wait for each other crosswise. */
const NOTE = `
INSERT INTO told_inbound (carrier, name)
SELECT carrier, decode(name, 'hex') FROM unnest($1::smallint[], $2::text[]) AS t (carrier, name) ORDER BY 1, 2
ON CONFLICT DO NOTHING RETURNING carrier, encode(name, 'hex') AS name`;

/** Notes names, and answers those that were not known before. */
export async function noteNew(db: Database, names: readonly InboundName[]): Promise<InboundName[]> {
  const values = columns(names, ["carrier", "name"]);
  const { rows } = await db.query<InboundName>({ name: "note-told-inbound", text: NOTE, values });
  return rows;
}

/** Beyond this no provider is known to post a text again. */
const LIFE = "interval '7 days'";

/** Drops what is over; answers whether there is more. */
export async function dropOldTold(db: Database, limit: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: "drop-old-told-inbound",
    text: `DELETE FROM told_inbound WHERE (carrier, name) IN (
             SELECT carrier, name FROM told_inbound WHERE at <= now() - ${LIFE}
             ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    values: [limit],
  });
  return rowCount === limit;
}
