import type { FastifyInstance } from "fastify";
import { statItems } from "../../account/statistics.ts";
import { NOT_A_TIME, parseIsoTime } from "../../message/iso-time.ts";
import type { FieldFault } from "../../runtime/errors.ts";
import { SPAN_MS, type Span, spanOf } from "../../store/stats/fold-counts.ts";
import { readSums, STAT_GROUPS, type StatGroup } from "../../store/stats/read-sums.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { type QueryShape, queryFaults, readQuery } from "../query.ts";
import { search } from "./message-list.ts";

export const STATS_QUERY = { since: "text", until: "text", by: "text", group: "text" } as const satisfies QueryShape;

export const SPANS = { minute: "m", hour: "h", day: "d" } as const satisfies Record<string, Span>;
type By = keyof typeof SPANS;

const HOUR_MS = 3_600_000;
/** The span if `since` is left out: an hour by the minute, a day by the hour, 30 days by the day. */
const USUAL_MS: Record<By, number> = { minute: HOUR_MS, hour: 24 * HOUR_MS, day: 30 * 24 * HOUR_MS };
/** Most spans of one answer. */
export const MOST_SPANS = 1_500;
/** Most items of one answer. */
export const MOST_ITEMS = 20_000;

/** `GET /stats`: sums of the messages of an account, of an organization's accounts, or of all. */
export function statisticsRoutes(
  app: FastifyInstance,
  { clock, config }: Pick<AppOptions, "clock" | "config">,
  { anybody }: Access,
): void {
  app.get("/stats", async (request) => {
    const caller = await anybody(request);
    const { span, since, until, groups } = wanted(request.query as Record<string, unknown>, clock.now());
    const accountId = caller === "operator" ? null : (caller.account?.id ?? null);
    const organizationId = caller === "operator" ? null : caller.organizationId;
    const hidden = accountId !== null && config.messages.hideCarriers && groups.includes("carrier");
    const shown = hidden ? groups.filter((group) => group !== "carrier") : groups;
    const asked = { span, since, until, groups: shown, accountId, organizationId };
    const rows = await search(() => readSums(request.database, asked, MOST_ITEMS + 1));
    if (rows.length > MOST_ITEMS) {
      const message = `would have more than ${MOST_ITEMS} items: ask for a shorter time, a longer span or fewer groups`;
      throw queryFaults({ path: "?group", message });
    }
    return { items: statItems(rows, shown).map((item) => (hidden ? { ...item, carrier: null } : item)) };
  });
}

function wanted(query: Record<string, unknown>, now: number) {
  const { by = "hour", group, ...times } = readQuery(query, STATS_QUERY);
  const faults: FieldFault[] = [];
  const isBy = (name: string): name is By => Object.hasOwn(SPANS, name);
  if (!isBy(by)) faults.push({ path: "?by", message: "must be minute, hour or day" });
  const groups = [...new Set(group?.split(","))];
  const isGroup = (name: string): name is StatGroup => (STAT_GROUPS as readonly string[]).includes(name);
  if (!groups.every(isGroup)) {
    faults.push({ path: "?group", message: `must be some of ${STAT_GROUPS.join(", ")}, with commas between` });
  }
  const time = (name: "since" | "until"): number | undefined => {
    const text = times[name];
    const at = text === undefined ? undefined : parseIsoTime(text);
    if (at !== null) return at;
    faults.push({ path: `?${name}`, message: NOT_A_TIME });
    return undefined;
  };
  const until = time("until") ?? now;
  const usual = isBy(by) ? USUAL_MS[by] : 0;
  const given = time("since");
  const span = isBy(by) ? SPANS[by] : "h";
  const since = spanOf(span, given ?? until - usual);
  if (faults.length === 0 && since >= until) {
    faults.push({
      path: "?since",
      message: `must be before \`until\`${times.until === undefined ? ", which is now" : ""}`,
    });
  } else if (faults.length === 0 && (until - since) / SPAN_MS[span] > MOST_SPANS) {
    faults.push({ path: "?since", message: `is more than ${MOST_SPANS} ${by}s before \`until\`` });
  }
  if (faults.length > 0) throw queryFaults(...faults);
  // There is nothing before 1970, and PostgreSQL knows fewer years.
  return { span, since: Math.max(0, since), until: Math.max(0, until), groups: groups.filter(isGroup) };
}
