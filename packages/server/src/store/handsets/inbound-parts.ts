import { columns, type Database } from "../database.ts";

/** What the parts of one long message from a handset have in common. */
export interface PartsKey {
  handset: string;
  number: string;
  kind: number;
  reference: number;
  total: number;
}

export interface InboundPartRow extends PartsKey {
  sequence: number;
  dataCoding: number;
  octets: Uint8Array;
  passedOn: boolean;
}

const KEY = ["handset", "number", "kind", "reference", "total"] as const satisfies readonly (keyof PartsKey)[];
const KEYS = `unnest($1::bigint[], $2::text[], $3::smallint[], $4::int[], $5::smallint[])
  AS k (handset, number, kind, reference, total)`;
const SAME = `p.handset = k.handset AND p.number = k.number AND p.kind = k.kind AND p.reference = k.reference
  AND p.total = k.total`;

/** In an order, so that two programs that take parts at once do not wait for each other crosswise. */
const LOCK = `
SELECT pg_advisory_xact_lock(key) FROM (
  SELECT DISTINCT hashtextextended(concat_ws(' ', handset, number, kind, reference, total), 0) AS key
  FROM ${KEYS} ORDER BY key
) AS keys`;

const READ = `
SELECT p.handset::text AS handset, p.number, p.kind, p.reference, p.total, p.sequence, p.data_coding AS "dataCoding",
       p.octets, p.passed_on AS "passedOn"
FROM ${KEYS} JOIN inbound_part p ON ${SAME}`;

/** What is kept of these long messages, which nobody else touches until the transaction ends. */
export async function lockParts(db: Database, keys: readonly PartsKey[]): Promise<InboundPartRow[]> {
  const values = columns(keys, KEY);
  await db.query({ text: LOCK, values });
  const { rows } = await db.query<InboundPartRow>({ name: "read-inbound-parts", text: READ, values });
  return rows;
}

export async function deleteParts(db: Database, keys: readonly PartsKey[]): Promise<void> {
  await db.query({ text: `DELETE FROM inbound_part p USING ${KEYS} WHERE ${SAME}`, values: columns(keys, KEY) });
}

const NAMES = [
  ...KEY,
  "sequence",
  "dataCoding",
  "octets",
  "passedOn",
] as const satisfies readonly (keyof InboundPartRow)[];

const PUT = `
INSERT INTO inbound_part (handset, number, kind, reference, total, sequence, data_coding, octets, passed_on)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::int[], $5::smallint[], $6::smallint[], $7::smallint[],
                     $8::bytea[], $9::boolean[])`;

export async function insertParts(db: Database, rows: readonly InboundPartRow[]): Promise<void> {
  await db.query({ text: PUT, values: columns(rows, NAMES) });
}

/** Long messages of which no part has come for so long. */
const STALE = `
SELECT DISTINCT p.handset::text AS handset, p.number, p.kind, p.reference, p.total
FROM inbound_part p
WHERE p.received_at < now() - $1 * interval '1 millisecond' AND NOT EXISTS (
  SELECT FROM inbound_part k WHERE ${SAME} AND k.received_at >= now() - $1 * interval '1 millisecond'
)
LIMIT $2`;

export async function staleParts(db: Database, ageMs: number, limit: number): Promise<PartsKey[]> {
  const { rows } = await db.query<PartsKey>({ name: "stale-inbound-parts", text: STALE, values: [ageMs, limit] });
  return rows;
}
