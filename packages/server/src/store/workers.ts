import type { Database } from "./database.ts";
import { spillLots } from "./messages/lots.ts";
import { readingLots } from "./messages/unreadable-lots.ts";
import { spillUntried } from "./webhooks/untried.ts";

/** Enters this process as a worker; answers its number, which rows carry in `leased_by`. */
export async function enterWorker(db: Database, host: string, pid: number): Promise<number> {
  const { rows } = await db.query<{ id: number }>({
    text: "INSERT INTO worker (host, pid) VALUES ($1, $2) RETURNING id",
    values: [host, pid],
  });
  return (rows[0] as { id: number }).id;
}

/**
 * Says that this worker lives. False: it was given up for dead, and what it has in hand is another's now.
 * @param timeoutMs after which the connection is given up: the next heartbeat goes over another
 */
export async function heartbeat(db: Database, worker: number, timeoutMs: number): Promise<boolean> {
  const query = {
    name: "heartbeat",
    text: "UPDATE worker SET heartbeat_at = now() WHERE id = $1",
    values: [worker],
    query_timeout: timeoutMs,
  };
  const { rowCount } = await db.query(query);
  return rowCount === 1;
}

/** A worker that was given up, for the log. */
export interface DeadWorker {
  id: number;
  host: string;
  pid: number;
}

/** Strikes out workers without a sign of life for `silenceMs`. SKIP LOCKED: one that just beats its heart is not dead. */
const BURY_SILENT = `
DELETE FROM worker WHERE id IN (
  SELECT id FROM worker WHERE heartbeat_at < now() - $1 * interval '1 millisecond' FOR UPDATE SKIP LOCKED
)
RETURNING id, host, pid`;

export async function burySilentWorkers(db: Database, silenceMs: number): Promise<DeadWorker[]> {
  const { rows } = await db.query<DeadWorker>({ text: BURY_SILENT, values: [silenceMs] });
  return rows;
}

/** The workers of one host: at start, those whose process is gone need not be waited for. */
export async function workersOfHost(db: Database, host: string): Promise<DeadWorker[]> {
  const { rows } = await db.query<DeadWorker>({
    text: "SELECT id, host, pid FROM worker WHERE host = $1",
    values: [host],
  });
  return rows;
}

export async function buryWorkers(db: Database, ids: readonly number[]): Promise<void> {
  await db.query({ text: "DELETE FROM worker WHERE id = ANY ($1::int[])", values: [ids] });
}

/**
 * A list `lessee` of the workers that have something leased and are no more: the buried, and those that got something
 * after their burial. They are found by stepping through the index, so that it costs next to nothing where all live.
 */
function deadLessees(table: string, worker: string, condition: string): string {
  return `
leased AS (
  (SELECT ${worker} AS worker FROM ${table} WHERE ${condition} AND ${worker} > 0 ORDER BY ${worker} LIMIT 1)
  UNION ALL
  SELECT (SELECT t.${worker} FROM ${table} t
          WHERE ${condition} AND t.${worker} > l.worker ORDER BY t.${worker} LIMIT 1)
  FROM leased l WHERE l.worker IS NOT NULL
), lessee AS (
  SELECT worker FROM leased WHERE worker IS NOT NULL AND worker NOT IN (SELECT id FROM worker)
)`;
}

/** Frees what is leased to workers that are no more. */
function freeOrphansOf(table: "message" | "webhook"): string {
  return `
WITH RECURSIVE ${deadLessees(table, "leased_by", "next_at IS NOT NULL")}
UPDATE ${table} SET leased_by = 0 WHERE next_at IS NOT NULL AND leased_by IN (SELECT worker FROM lessee)`;
}

/** A list `which` of those of dead workers. */
function ofTheDead(table: "lot" | "untried"): string {
  return `${deadLessees(table, "worker", "true")}, which AS (
  SELECT id FROM ${table} WHERE worker IN (SELECT worker FROM lessee)
)`;
}

const FREE_LOTS = spillLots(ofTheDead("lot"));
const FREE_UNTRIED = spillUntried(ofTheDead("untried"));

export async function freeOrphans(db: Database): Promise<{ messages: number; webhooks: number }> {
  const inLots = await readingLots(db, () => db.query({ text: FREE_LOTS }));
  const untried = await db.query({ text: FREE_UNTRIED });
  const messages = await db.query({ text: freeOrphansOf("message") });
  const webhooks = await db.query({ text: freeOrphansOf("webhook") });
  return {
    messages: (inLots.rowCount ?? 0) + (messages.rowCount ?? 0),
    webhooks: (untried.rowCount ?? 0) + (webhooks.rowCount ?? 0),
  };
}

/** What is leased to a worker, so that it can tell what it does not have in hand. */
export async function leasedMessages(db: Database, worker: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    text: "SELECT id FROM message WHERE leased_by = $1 AND next_at IS NOT NULL",
    values: [worker],
  });
  return rows.map((row) => row.id);
}

/** The messages of a worker's lots that have no row. */
const UNWRITTEN = `
SELECT u.id FROM lot l CROSS JOIN LATERAL unnest(l.ids) AS u (id)
WHERE l.worker = $1 AND NOT EXISTS (SELECT FROM message m WHERE m.id = u.id)`;

export async function unwrittenMessages(db: Database, worker: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({ text: UNWRITTEN, values: [worker] });
  return rows.map((row) => row.id);
}

export async function leasedWebhooks(db: Database, worker: number): Promise<{ accountId: number; id: string }[]> {
  const { rows } = await db.query<{ accountId: number; id: string }>({
    text: 'SELECT account_id AS "accountId", id FROM webhook WHERE leased_by = $1 AND next_at IS NOT NULL',
    values: [worker],
  });
  return rows;
}

/** Leaves in order: frees what is still in hand, then the number. */
const LEAVE = `
WITH gone AS (DELETE FROM worker WHERE id = $1),
messages AS (UPDATE message SET leased_by = 0 WHERE leased_by = $1 AND next_at IS NOT NULL)
UPDATE webhook SET leased_by = 0 WHERE leased_by = $1 AND next_at IS NOT NULL`;

const LEAVE_LOTS = spillLots("which AS (SELECT id FROM lot WHERE worker = $1)");
const LEAVE_UNTRIED = spillUntried("which AS (SELECT id FROM untried WHERE worker = $1)");

export async function leaveWorker(db: Database, worker: number): Promise<void> {
  await readingLots(db, () => db.query({ text: LEAVE_LOTS, values: [worker] }));
  await db.query({ text: LEAVE_UNTRIED, values: [worker] });
  await db.query({ text: LEAVE, values: [worker] });
}
