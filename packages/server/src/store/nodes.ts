import type { Endpoint } from "../message/endpoint.ts";
import type { Which } from "./bundle.ts";
import { columns, type Database } from "./database.ts";
import { MESSAGE_BUNDLES } from "./messages/bundles.ts";
import { skipScan } from "./skip-scan.ts";
import { SCHEMA_VERSION } from "./upkeep/migrate.ts";
import { WEBHOOK_BUNDLES } from "./webhooks/webhook-bundles.ts";

/**
 * Enters this process as a node; answers its number, which rows carry in `leased_by`.
 * @param engine its number among the engines of its program, from 1
 */
export async function enterNode(db: Database, host: string, pid: number, engine = 1): Promise<number> {
  const { rows } = await db.query<{ id: number }>({
    text: "INSERT INTO node (host, pid, schema_version, engine) VALUES ($1, $2, $3, $4) RETURNING id",
    values: [host, pid, SCHEMA_VERSION, engine],
  });
  return (rows[0] as { id: number }).id;
}

/**
 * Says that this node lives. False: it was given up for dead, and what it has in memory is another's now.
 * @param timeoutMs after which the connection is given up: the next heartbeat goes over another
 */
export async function heartbeat(db: Database, node: number, timeoutMs: number): Promise<boolean> {
  const query = {
    name: "heartbeat",
    text: "UPDATE node SET heartbeat_at = now() WHERE id = $1",
    values: [node],
    query_timeout: timeoutMs,
  };
  const { rowCount } = await db.query(query);
  return rowCount === 1;
}

/** Says which endpoints have receivers bound to this node's program. */
export async function tellReceivers(db: Database, node: number, receivers: readonly Endpoint[]): Promise<void> {
  await db.query({
    text: "UPDATE node SET receiver_accounts = $2, receiver_endpoints = $3 WHERE id = $1",
    values: [node, ...columns(receivers, ["accountId", "endpoint"])],
  });
}

/** The endpoints that have receivers bound to programs of other nodes, and whose heart beats. */
export async function receiversElsewhere(db: Database, node: number, silenceMs: number): Promise<Endpoint[]> {
  const { rows } = await db.query<Endpoint>({
    name: "receivers-elsewhere",
    text: `SELECT DISTINCT r.account_id AS "accountId", r.endpoint
           FROM node n, unnest(n.receiver_accounts, n.receiver_endpoints) AS r (account_id, endpoint)
           WHERE n.id <> $1 AND n.heartbeat_at > now() - $2 * interval '1 millisecond'`,
    values: [node, silenceMs],
  });
  return rows;
}

/** The nodes of the other programs whose heart beats, each by its first engine. */
export async function otherPrograms(db: Database, node: number, silenceMs: number): Promise<NamedNode[]> {
  const { rows } = await db.query<NamedNode>({
    text: `SELECT id, host, pid FROM node
           WHERE id <> $1 AND engine = 1 AND heartbeat_at > now() - $2 * interval '1 millisecond'`,
    values: [node, silenceMs],
  });
  return rows;
}

/** Whether this node is of this store: notifications are heard in all schemas of a database. */
export async function isNode(db: Database, { id, host, pid }: NamedNode): Promise<boolean> {
  const text = "SELECT FROM node WHERE id = $1 AND host = $2 AND pid = $3";
  return (await db.query({ text, values: [id, host, pid] })).rowCount === 1;
}

/** A node as the operator knows it: host, a slash and the place where its process's number counts. */
export interface NamedNode {
  id: number;
  host: string;
  pid: number;
}

/** Strikes out nodes without a sign of life for `silenceMs`. SKIP LOCKED: one that just beats its heart is not dead. */
const BURY_SILENT = `
DELETE FROM node WHERE id IN (
  SELECT id FROM node WHERE heartbeat_at < now() - $1 * interval '1 millisecond' FOR UPDATE SKIP LOCKED
)
RETURNING id, host, pid`;

export async function expireSilentNodes(db: Database, silenceMs: number): Promise<NamedNode[]> {
  const { rows } = await db.query<NamedNode>({ name: "silent-nodes", text: BURY_SILENT, values: [silenceMs] });
  return rows;
}

/** The nodes of one host: at start, those whose process is gone need not be waited for. */
export async function nodesOfHost(db: Database, host: string): Promise<NamedNode[]> {
  const { rows } = await db.query<NamedNode>({
    text: "SELECT id, host, pid FROM node WHERE host = $1",
    values: [host],
  });
  return rows;
}

export async function expireNodes(db: Database, ids: readonly number[]): Promise<void> {
  await db.query({ text: "DELETE FROM node WHERE id = ANY ($1::int[])", values: [ids] });
}

/**
 * Lists, the last of them `dead_node`, of the nodes that have something leased and are no more: the buried, and those that
 * got something after their burial. They are found by stepping through the index, so that it costs next to nothing where all live.
 */
function deadNodes(table: string, node: string, condition: string): string[] {
  return [
    skipScan("leased", table, node, `${condition} AND ${node} > 0`),
    `dead_node AS (SELECT ${node} AS node FROM leased WHERE ${node} NOT IN (SELECT id FROM node))`,
  ];
}

/**
 * Frees what is leased to nodes that are no more. `SKIP LOCKED`: a flush that holds some of these rows and comes to
 * others would wait for this statement while this one waits for it. What is skipped is free at the next look, or moved.
 */
function freeOrphansOf(table: "message" | "webhook"): string {
  const key = { message: "id", webhook: "account_id, id" }[table];
  return `
WITH RECURSIVE ${deadNodes(table, "leased_by", "next_at IS NOT NULL").join(", ")}, orphan AS (
  SELECT ${key} FROM ${table} WHERE next_at IS NOT NULL AND leased_by IN (SELECT node FROM dead_node)
  FOR UPDATE SKIP LOCKED
)
UPDATE ${table} SET leased_by = 0 WHERE next_at IS NOT NULL AND leased_by > 0 AND (${key}) IN (SELECT ${key} FROM orphan)`;
}

function bundlesOfTheDead(table: "message_bundle" | "webhook_bundle"): Which {
  return {
    name: `orphans ${table}`,
    where: "node IN (SELECT node FROM dead_node)",
    lists: deadNodes(table, "node", "true"),
  };
}

/** At each heartbeat, so the statements have names: planning them was a third of an idle program's work in the store. */
export async function freeOrphans(db: Database): Promise<{ messages: number; webhooks: number }> {
  const bundledMessages = await MESSAGE_BUNDLES.materialize(db, bundlesOfTheDead("message_bundle"));
  const bundledWebhooks = await WEBHOOK_BUNDLES.materialize(db, bundlesOfTheDead("webhook_bundle"));
  const messages = await db.query({ name: "orphans message", text: freeOrphansOf("message") });
  const webhooks = await db.query({ name: "orphans webhook", text: freeOrphansOf("webhook") });
  return {
    messages: bundledMessages + (messages.rowCount ?? 0),
    webhooks: bundledWebhooks + (webhooks.rowCount ?? 0),
  };
}

/** A row that is leased to a node. */
export interface LeasedRow {
  accountId: number;
  id: string;
}

/** The rows that are leased to a node, so that it finds those that it does not have in memory. */
export async function leasedRows(db: Database, table: "message" | "webhook", node: number): Promise<LeasedRow[]> {
  const text = `SELECT account_id AS "accountId", id FROM ${table} WHERE leased_by = $1 AND next_at IS NOT NULL`;
  return (await db.query<LeasedRow>({ text, values: [node] })).rows;
}

/** Leaves in order: frees what is still in memory, then the number. */
const LEAVE = `
WITH gone AS (DELETE FROM node WHERE id = $1),
messages AS (UPDATE message SET leased_by = 0 WHERE leased_by = $1 AND next_at IS NOT NULL)
UPDATE webhook SET leased_by = 0 WHERE leased_by = $1 AND next_at IS NOT NULL`;

export async function leaveNode(db: Database, node: number): Promise<void> {
  for (const bundles of [MESSAGE_BUNDLES, WEBHOOK_BUNDLES]) {
    await bundles.materialize(db, { where: "node = $1", values: [node] });
  }
  await db.query({ text: LEAVE, values: [node] });
}
