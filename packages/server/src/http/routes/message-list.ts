import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { csvLine } from "../../runtime/csv.ts";
import { Rejected } from "../../runtime/errors.ts";
import { isTooSlow } from "../../store/errors.ts";
import { listMessages } from "../../store/messages/list-messages.ts";
import type { MessagePage } from "../../store/messages/message-search.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { PAGE_QUERY, readQuery } from "../query.ts";
import { CSV, readFormat } from "./csv-answer.ts";
import { messageItem, type Shown } from "./message-answers.ts";
import { MESSAGE_FILTER_QUERY, messageFilter } from "./message-filter.ts";
import { viewerOf } from "./message-story.ts";
import { HIGHEST_ID } from "./webhook-filter.ts";

/** Parameters of `GET /message`. */
export const MESSAGES_QUERY = { ...MESSAGE_FILTER_QUERY, format: "text", ...PAGE_QUERY } as const;
/** Rows of a CSV that are read at a time. A slow reader holds two pages. */
const PAGE = 500;

/** `GET /message`: finds messages. */
export function messageListRoutes(app: FastifyInstance, options: AppOptions, access: Access): void {
  app.get("/message", async (request, reply) => {
    const { viewer, shown } = await viewerOf(request, options, access);
    const query = readQuery(request.query as Record<string, unknown>, MESSAGES_QUERY);
    const { limit, after = HIGHEST_ID, format } = query;
    const csv = readFormat(format) === "csv";
    const { database } = request;
    const filter = await messageFilter(database, viewer, query);
    if (csv) {
      const read = (below: string, count: number) => listMessages(database, filter, below, count);
      const rows = csvPages(read, after, limit ?? Number.POSITIVE_INFINITY, shown);
      return reply.headers(CSV).send(Readable.from(rows, { objectMode: false }));
    }
    const { rows, next } = await search(() => listMessages(database, filter, after, limit ?? 100));
    return { items: rows.map((row) => messageItem(row, shown)), next };
  });
}

/** @throws Rejected `query-too-slow` */
export async function search<Page>(work: () => Promise<Page>): Promise<Page> {
  try {
    return await work();
  } catch (error) {
    if (!isTooSlow(error)) throw error;
    const detail = "The search takes the store too long; a shorter time between since and until makes it shorter.";
    throw new Rejected("query-too-slow", detail, [], 1);
  }
}

/**
 * A page at a time, and the store reads one ahead: a slow reader holds two, and no connection. One without rows is given out
 * too: only there does the search end whose reader has gone.
 */
export async function* csvPages(
  read: (below: string, count: number) => Promise<MessagePage>,
  after: string,
  limit: number,
  shown: Shown,
): AsyncGenerator<string> {
  const pageBelow = async (below: string, left: number) => {
    const { rows, next } = await read(below, Math.min(PAGE, left));
    const text = rows.map((row) => csvLine(Object.values(messageItem(row, shown)))).join("");
    return { text, next, left: left - rows.length };
  };
  yield csvLine(MESSAGE_COLUMNS.filter((name) => shown.whose || !OTHERS.has(name)));
  let ahead = limit > 0 ? pageBelow(after, limit) : null;
  while (ahead !== null) {
    const { text, next, left } = await ahead;
    ahead = next !== null && left > 0 ? pageBelow(next, left) : null;
    // A fault is told when its page is asked for, if it ever is.
    ahead?.catch(() => {});
    yield text;
  }
}

/** The columns of the CSV: the fields of an item, in their order. */
export const MESSAGE_COLUMNS = [
  "message_uuid",
  "batch_uuid",
  "to",
  "from",
  "channel",
  "body",
  "parts",
  "state",
  "code",
  "description",
  "accepted_at",
  "submitted_at",
  "final_at",
  "callback",
  "account_uuid",
  "carrier",
] as const satisfies readonly (keyof ReturnType<typeof messageItem>)[];
/** The columns for organizations and the operator. */
const OTHERS: ReadonlySet<string> = new Set(["account_uuid", "carrier"]);
