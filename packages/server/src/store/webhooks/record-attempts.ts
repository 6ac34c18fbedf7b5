import { mayTry, WEBHOOK } from "../../message/webhook.ts";
import type { BundleRef } from "../bundle.ts";
import { type Column, columnsBy, type Database } from "../database.ts";
import { isUniqueViolation } from "../errors.ts";
import type { FinalRow } from "../messages/finals.ts";
import { Counts, TOLD, TOLD_COUNTS } from "../stats/counts.ts";
import { addTakenOver } from "../taken-over.ts";
import type { Partitions } from "../upkeep/partition-names.ts";
import { NOT_DUE, WAITS } from "./leased-by.ts";
import { WEBHOOK_BUNDLES, writeBundledWebhooks } from "./webhook-bundles.ts";

/** One try of a webhook and what it leaves behind. */
export interface AttemptRow {
  accountId: number;
  id: string;
  /** 0 to be tried again at `nextAt`, 1 delivered, 2 exhausted. */
  state: number;
  /** Epoch milliseconds; null once it is not to be tried again. */
  nextAt: number | null;
  /** The attempt as JSON text. */
  attempt: string;
  /** Of the webhook, which needs them in its row. */
  url: string;
  endpoint: number;
  /** Where this is the webhook's first try, and it has no row yet. */
  bundle: BundleRef | undefined;
  /** Of the first try of a message's webhook that succeeded: its message, and how long it has been final. */
  told?: Told | undefined;
}

export interface Told {
  final: FinalRow;
  /** Milliseconds. */
  ms: number;
}

const COLUMNS: readonly Column<AttemptRow>[] = [
  ({ accountId }) => accountId,
  ({ id }) => id,
  ({ state }) => state,
  ({ nextAt }) => nextAt,
];

const FIRST_COLUMNS: readonly Column<AttemptRow>[] = [...COLUMNS, ({ url }) => url, ({ endpoint }) => endpoint];

const LEFT_TO = `CASE WHEN t.next_at IS NULL THEN ${WAITS} ELSE ${NOT_DUE} END`;

/** Notify: first tries of a flush, which make the webhooks' rows. */
const firstTextFor = (partition: string): string => `
WITH ${WEBHOOK_BUNDLES.goneSql("$7")}, stats AS (
  INSERT INTO stat_flush (counts) SELECT $9 WHERE $9::text <> ''
)
INSERT INTO ${partition} (account_id, id, state, next_at, url, endpoint, attempts, tries, leased_by)
SELECT account_id, id, state, to_timestamp(next_at / 1000), url, endpoint, ARRAY[attempt], 1, ${LEFT_TO}
FROM unnest($1::int[], $2::uuid[], $3::smallint[], $4::float8[], $5::text[], $6::int[], string_to_array($8, E'\\n'))
  AS t (account_id, id, state, next_at, url, endpoint, attempt)`;

/**
 * Notify: the later tries of a flush in one update. A webhook that another node has taken over stays as that one has
 * it. `state` and `leased_by + 0`, not next_at: the planner is left one index.
 */
const laterTextFor = (partition: string): string => `
WITH tried AS (
UPDATE ${partition} h
SET state = t.state, tries = h.tries + 1, next_at = to_timestamp(t.next_at / 1000), leased_by = ${LEFT_TO},
    attempts = array_append(h.attempts, t.attempt)
FROM unnest($1::int[], $2::uuid[], $3::smallint[], $4::float8[], string_to_array($5, E'\\n'))
  AS t (account_id, id, state, next_at, attempt)
WHERE h.account_id = t.account_id AND h.id = t.id AND ${mayTry("h", "$6")}
RETURNING h.id, h.state = ${WEBHOOK.delivered} AND h.kind IS NULL
          AND array_to_string(h.attempts[:cardinality(h.attempts) - 1], '') !~ '"status":2[0-9][0-9],' AS succeeds
), stats AS (${TOLD_COUNTS}
)
SELECT id FROM tried`;

/**
 * Answers which are lost: what another node has taken over, of which nothing is recorded.
 * @param ended the bundles of which these are the last webhooks; none where there is no first try
 */
export async function recordAttempts(
  db: Database,
  partitions: Partitions,
  rows: readonly AttemptRow[],
  node: number,
  ended: readonly string[],
): Promise<Set<string>> {
  const lost = new Set<string>();
  const first = rows.filter(({ bundle }) => bundle !== undefined);
  const later = rows.filter(({ bundle }) => bundle === undefined);
  const groups = [...partitions.group("webhook", first)];
  for (const [index, [partition, group]] of groups.entries()) {
    // A bundle goes with the last of its webhooks, which may be in several days' tables.
    const last = index === groups.length - 1 ? ended : [];
    try {
      const values = [...columnsBy(group, FIRST_COLUMNS), last, linesOf(group), countsOf(group)];
      await db.query({ name: `first attempts ${partition}`, text: firstTextFor(partition), values });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Another node has taken some over. The others get rows, in the hand of this one.
      await writeBundledWebhooks(db, group, node, last);
      later.push(...group);
    }
  }
  for (const [partition, group] of partitions.group("webhook", later)) {
    const values = [...columnsBy(group, COLUMNS), linesOf(group), node];
    const result = await db.query<{ id: string }>({
      name: `attempts ${partition}`,
      text: laterTextFor(partition),
      values,
    });
    addTakenOver(lost, group, result.rows);
  }
  return lost;
}

function countsOf(rows: readonly AttemptRow[]): string {
  const counts = new Counts();
  for (const { told } of rows) {
    if (told === undefined) continue;
    const { accountId, destination, channel, carrier, code } = told.final;
    counts.add(TOLD, accountId, destination, channel, carrier, code, told.ms, 0);
  }
  return counts.toString();
}

/** JSON has no line ends of its own, and as an array's element each of its 30 quotes would be escaped. */
function linesOf(rows: readonly AttemptRow[]): string {
  return rows.map(({ attempt }) => attempt).join("\n");
}
