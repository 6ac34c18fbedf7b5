import { type Connections, transaction } from "../database.ts";
import { SEARCH_SETTINGS } from "../messages/message-search.ts";
import { EVERYBODY, foldAll, ofOrganization, type Span, TOTAL_OF } from "./fold-counts.ts";

/** Groups that sums can be parted by. */
export const STAT_GROUPS = ["account", "carrier", "country", "channel", "code"] as const;
export type StatGroup = (typeof STAT_GROUPS)[number];

/** For each the column of `stat`, and what is shown of it: an account's identifier, a carrier's id, null for none. */
const COLUMNS: Record<StatGroup, { column: string; shown: string; join?: string }> = {
  account: { column: "account_id", shown: "a.identifier", join: "LEFT JOIN account a ON a.id = s.account_id" },
  carrier: { column: "carrier", shown: "c.id", join: "LEFT JOIN carrier c ON c.number = s.carrier" },
  country: { column: "country", shown: "nullif(s.country, '')" },
  channel: { column: "channel", shown: "s.channel" },
  code: { column: "code", shown: "nullif(s.code, -1)" },
};

/** The spans that begin from `since` on and before `until`, both in epoch milliseconds. */
export interface SumsQuery {
  span: Span;
  since: number;
  until: number;
  groups: readonly StatGroup[];
  /** One account's, all of one organization's, or everybody's where both are null. */
  accountId: number | null;
  organizationId: number | null;
}

/** The sums of one span and group. */
export interface SumRow {
  /** The beginning of its span, in epoch milliseconds. */
  at: number;
  accepted: number;
  submitted: number;
  delivered: number;
  failed: number;
  parts: number;
  /** As `addDurations` reads them. */
  receipts: string;
  webhooks: string;
  /** Of the groups, in their order. */
  values: (string | null)[];
}

const COUNTS = ["accepted", "submitted", "delivered", "failed", "parts"];
const DURATIONS = ["receipts", "webhooks"];
const SUMMED = [
  ...COUNTS.map((name) => `sum(${name})::float8 AS ${name}`),
  ...DURATIONS.map((name) => `coalesce(string_agg(${name}, ',') FILTER (WHERE ${name} <> ''), '') AS ${name}`),
].join(", ");

/** Accounts one by one; else the rows of one account, one organization or everybody. */
const WHOSE = {
  each: "account_id IN (SELECT id FROM account WHERE organization_id = $4)",
  all: "account_id > 0 AND $4::int IS NOT NULL",
  one: "account_id = $4",
};

function textFor(groups: readonly StatGroup[], whose: string): string {
  const columns = groups.map((group) => COLUMNS[group]);
  const raw = columns.map(({ column }) => `, ${column}`).join("");
  return `
SELECT s.at, ${[...COUNTS, ...DURATIONS].map((name) => `s.${name}`).join(", ")},
       ARRAY[${columns.map(({ shown }) => `${shown}::text`).join(", ")}]::text[] AS values
FROM (
  SELECT extract(epoch FROM at)::float8 * 1000 AS at, ${SUMMED}${raw}
  FROM stat
  WHERE span = $1 AND at >= to_timestamp($2::float8 / 1000) AND at < to_timestamp($3::float8 / 1000) AND ${whose}
  GROUP BY stat.at${raw} LIMIT $5
) AS s
${columns.map(({ join = "" }) => join).join("\n")}`;
}

/**
 * The sums, with all that is committed counted.
 * @param limit rows at most, whichever: of more than are shown nobody is to have the memory
 */
export async function readSums(db: Connections, query: SumsQuery, limit: number): Promise<SumRow[]> {
  const { span, since, until, groups, accountId, organizationId } = query;
  await foldAll(db);
  const byAccount = accountId === null && groups.includes("account");
  const whose = byAccount ? (organizationId === null ? "all" : "each") : "one";
  const organization = organizationId === null ? EVERYBODY : ofOrganization(organizationId);
  const owner = byAccount ? (organizationId ?? EVERYBODY) : (accountId ?? organization);
  const inAll = groups.every((group) => group === "account");
  return transaction(db, async (client) => {
    await client.query(SEARCH_SETTINGS);
    const { rows } = await client.query<SumRow>({
      name: `read-sums ${whose} ${groups.join(",")}`,
      text: textFor(groups, WHOSE[whose]),
      values: [inAll ? TOTAL_OF[span] : span, since, until, owner, limit],
    });
    return rows;
  });
}
