import type { Database } from "./database.ts";
import { spillLots } from "./lots.ts";

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
 * Frees what is leased to workers that are no more: what the buried had in hand, and what was leased to one after its
 * burial. The lessees are found by stepping through the index, so that it costs next to nothing where all live.
 */
function freeOrphansOf(table: "message" | "webhook"): string {
  return `
WITH RECURSIVE lessee AS (
  (SELECT leased_by FROM ${table} WHERE next_at IS NOT NULL AND leased_by > 0 ORDER BY leased_by LIMIT 1)
  UNION ALL
  SELECT (SELECT t.leased_by FROM ${table} t
          WHERE t.next_at IS NOT NULL AND t.leased_by > l.leased_by ORDER BY t.leased_by LIMIT 1)
  FROM lessee l WHERE l.leased_by IS NOT NULL
)
UPDATE ${table} SET leased_by = 0
WHERE next_at IS NOT NULL AND leased_by IN (
  SELECT leased_by FROM lessee WHERE leased_by IS NOT NULL AND leased_by NOT IN (SELECT id FROM worker)
)`;
}

const FREE_LOTS = spillLots(`
lessee AS (
  (SELECT worker FROM lot WHERE worker > 0 ORDER BY worker LIMIT 1)
  UNION ALL
  SELECT (SELECT l.worker FROM lot l WHERE l.worker > o.worker ORDER BY l.worker LIMIT 1)
  FROM lessee o WHERE o.worker IS NOT NULL
), which AS (
  SELECT l.id FROM lot l WHERE l.worker IN (
    SELECT worker FROM lessee WHERE worker IS NOT NULL AND worker NOT IN (SELECT id FROM worker))
)`);

export async function freeOrphans(db: Database): Promise<{ messages: number; webhooks: number }> {
  const inLots = await db.query({ text: FREE_LOTS });
  const messages = await db.query({ text: freeOrphansOf("message") });
  const webhooks = await db.query({ text: freeOrphansOf("webhook") });
  return { messages: (inLots.rowCount ?? 0) + (messages.rowCount ?? 0), webhooks: webhooks.rowCount ?? 0 };
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

export async function leaveWorker(db: Database, worker: number): Promise<void> {
  await db.query({ text: LEAVE_LOTS, values: [worker] });
  await db.query({ text: LEAVE, values: [worker] });
}
