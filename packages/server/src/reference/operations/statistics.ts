import { MOST_ITEMS, MOST_SPANS, SPANS, STATS_QUERY } from "../../http/routes/statistics.ts";
import { STAT_GROUPS } from "../../store/stats/read-sums.ts";
import { Statistics } from "../answers.ts";
import { ACCOUNT } from "../examples.ts";
import { type Operation, query } from "../operation.ts";

const moment = { format: "date-time" };

export const statistics: Operation[] = [
  {
    id: "get-stats",
    method: "GET",
    path: "/stats",
    group: "Statistics",
    summary: "See how much was sent, and what became of it",
    description: `Sums by the minute, hour or day: of an account for its key, of all its accounts for an organization's, of everybody for the operator's. Each message counts when it happens: as accepted in the minute of its acceptance (one that is held for its \`send_at\` when it is released), as delivered or failed in the minute of its end; what was delivered in an hour may have been accepted in the one before. Exact to the message once the minute is over, whatever was restarted meanwhile. Kept for \`stats.retention\`, longer than the messages, and untouched by erasure; by the minute for 14 days. An answer has at most ${MOST_SPANS} minutes, hours or days, and ${MOST_ITEMS} items; what is more is 400.`,
    key: "any",
    ...query(STATS_QUERY, {
      since: {
        description:
          "The beginning, ISO 8601; the minute, hour or day that it is in is whole. Unless told, an hour before the end by the minute, a day by the hour, 30 days by the day.",
        schema: moment,
      },
      until: { description: "The end, ISO 8601; what begins then is left out. Now unless told.", schema: moment },
      by: { description: "`hour` unless told.", schema: { enum: Object.keys(SPANS) }, example: "hour" },
      group: {
        description: `What the sums are parted by: some of ${STAT_GROUPS.map((name) => `\`${name}\``).join(", ")}, with commas between.`,
        example: "account,country",
      },
    }),
    answer: {
      description: "The sums.",
      schema: Statistics,
      example: {
        items: [
          {
            at: "2026-11-25T03:00:00.000Z",
            account: ACCOUNT,
            country: "GB",
            accepted: 1204,
            submitted: 1204,
            delivered: 1187,
            failed: 15,
            parts: 1460,
            receipt_seconds: { p50: 2.41, p95: 6.3, p99: 31.2 },
            webhook_seconds: { p50: 0.083, p95: 0.21, p99: 5.4 },
          },
        ],
      },
    },
    problems: ["query-too-slow"],
  },
];
