import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { codeText } from "../../message/code-number.ts";
import { isUuid, lastOf, timeOf } from "../../message/id.ts";
import { DELIVERED, FAILED, isFinal, type MessageState } from "../../message/lifecycle.ts";
import { describeCode } from "../../message/receipt-codes.ts";
import { shownCallback } from "../../message/smpp-origin.ts";
import { csvLine } from "../../runtime/csv.ts";
import { Rejected } from "../../runtime/errors.ts";
import { type Connections, transaction } from "../../store/database.ts";
import { batchDetails, type MessageDetail } from "../../store/messages/batch-details.ts";
import { type BatchStatus, batchStatus } from "../../store/messages/batch-status.ts";
import { accountOfBatch, batchContent } from "../../store/messages/find-batch.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { MAX_LIMIT, PAGE_QUERY, queryFaults, readQuery } from "../query.ts";
import { batchState } from "./all-batches.ts";
import { CSV, readFormat } from "./csv-answer.ts";
import type { Shown } from "./message-answers.ts";
import { viewerOf } from "./message-story.ts";

/** Of `GET /batch/{uuid}`. */
export const STATUS_QUERY = { details: "flag", content: "flag", format: "text", ...PAGE_QUERY } as const;
/** Rows that are read at a time, and held while a slow reader takes them. */
const PAGE = 1_000;

/** Parameters that the hosted service does not have: with one of them any key that may see the batch opens it. */
const OWN_FORMS = ["content", "limit", "after", "format"];

/** `GET /batch/{uuid}`: what became of a batch. */
export function batchRoutes(app: FastifyInstance, options: AppOptions, access: Access): void {
  app.get<{ Params: { uuid: string } }>("/batch/:uuid", async (request, reply) => {
    const own = OWN_FORMS.some((name) => name in (request.query as object));
    const { viewer, shown } = own ? await viewerOf(request, options, access) : await accountOf(request, access);
    const { details, content, limit, after, format } = readQuery(
      request.query as Record<string, unknown>,
      STATUS_QUERY,
    );
    const { database } = request;
    const identifier = request.params.uuid.toLowerCase();
    const paged = limit !== undefined || after !== undefined;
    if (paged && details !== true) {
      throw queryFaults({
        path: limit === undefined ? "?after" : "?limit",
        message: "pages through details; details=true is needed",
      });
    }
    const csv = readFormat(format) === "csv";
    if (csv && details !== true) {
      throw queryFaults({ path: "?format", message: "is that of the details; details=true is needed" });
    }
    if (content === true && details === true) {
      throw queryFaults({ path: "?content", message: "is not told together with details=true" });
    }
    const accountId = isUuid(identifier) ? await accountOfBatch(database, viewer, identifier) : null;
    const status = accountId === null ? null : await batchStatus(database, accountId, identifier);
    if (accountId === null || status === null) throw new Rejected("not-found", "There is no such batch.");
    if (content === true)
      return { counts: status.counts, content: await contentOf(database, accountId, status, shown) };
    if (details !== true) return { counts: status.counts };
    if (csv) {
      const rows = csvStream(database, accountId, status, after, limit ?? Number.POSITIVE_INFINITY);
      return reply.headers(CSV).send(Readable.from(rows, { objectMode: false }));
    }
    if (paged) return page(database, accountId, status, after, limit ?? 100);
    if (status.counts.total <= PAGE) return page(database, accountId, status, undefined, undefined);
    return reply
      .type("application/json; charset=utf-8")
      .send(Readable.from(stream(database, accountId, status), { objectMode: false }));
  });
}

/** Admits an account's key alone. */
async function accountOf(request: FastifyRequest, { account }: Access): Promise<Awaited<ReturnType<typeof viewerOf>>> {
  await account(request);
  return { viewer: { accountId: request.accountId, organizationId: null }, shown: { whose: false, carriers: false } };
}

async function contentOf(database: Connections, accountId: number, { id, counts }: BatchStatus, { whose }: Shown) {
  const content = await batchContent(database, accountId, id);
  // Cancelled, or dropped with its day, since its counts were read.
  if (content === null) throw new Rejected("not-found", "There is no such batch.");
  const { account, sender, body, rich, callback, parts, pendingUntil } = content;
  return {
    at: new Date(pendingUntil ?? timeOf(id)).toISOString(),
    state: batchState(counts, pendingUntil),
    from: sender,
    message: body,
    ...(rich === null ? {} : { rcs: rich }),
    callback: shownCallback(callback),
    unitcount: parts,
    ...(whose ? { account_uuid: account } : {}),
  };
}

/** Counts and rows of one moment: both are read in one snapshot. */
async function page(
  database: Connections,
  accountId: number,
  { id, visibleId }: BatchStatus,
  after: string | undefined,
  limit: number | undefined,
) {
  return transaction(database, async (client) => {
    await client.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const status = await batchStatus(client, accountId, visibleId);
    const size = limit ?? MAX_LIMIT;
    // Ids are ordered as text: a cursor from before the batch begins at its first message.
    const from = after !== undefined && after > id ? after : id;
    const rows = await batchDetails(client, accountId, from, lastOf(id), size + 1);
    const shown = rows.slice(0, size);
    const next = rows.length > size ? (shown.at(-1)?.id ?? null) : null;
    const details = shown.map((row) => detail(row, visibleId));
    return { counts: status?.counts, details, ...(limit === undefined ? {} : { next }) };
  });
}

/**
 * All rows, a page at a time: a slow reader holds one page, and neither a connection nor a snapshot. Each page is of another
 * moment, so the counts are those of the rows that were sent, and come after them.
 */
async function* stream(
  database: Connections,
  accountId: number,
  { id, visibleId }: BatchStatus,
): AsyncGenerator<string> {
  const counts = { total: 0, delivered: 0, failed: 0 };
  let after = id;
  for (let prefix = '{"details":['; ; prefix = ",") {
    const rows = await batchDetails(database, accountId, after, lastOf(id), PAGE);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.id;
    for (const { state } of rows) {
      counts.total++;
      if (state === DELIVERED) counts.delivered++;
      if (state === FAILED) counts.failed++;
    }
    yield prefix + rows.map((row) => JSON.stringify(detail(row, visibleId))).join(",");
  }
  yield `],"counts":${JSON.stringify(counts)}}`;
}

/** The same as CSV, with a column each for the code and the description of `info`. */
async function* csvStream(
  database: Connections,
  accountId: number,
  { id, visibleId }: BatchStatus,
  from: string | undefined,
  limit: number,
): AsyncGenerator<string> {
  yield csvLine(["destination", "delivered", "failed", "batchuuid", "messageuuid", "code", "description"]);
  let after = from !== undefined && from > id ? from : id;
  for (let left = limit; left > 0; ) {
    const rows = await batchDetails(database, accountId, after, lastOf(id), Math.min(PAGE, left));
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
    left -= rows.length;
    yield rows
      .map((row) => {
        const { info, ...fields } = detail(row, visibleId);
        return csvLine([...Object.values(fields), info?.code, info?.description]);
      })
      .join("");
  }
}

function detail({ destination, state, code, visibleId }: MessageDetail, batchuuid: string) {
  const known = isFinal(state as MessageState) && code !== null ? codeText(code) : null;
  return {
    destination: destination === null ? null : `+${destination}`,
    delivered: state === DELIVERED,
    failed: state === FAILED,
    batchuuid,
    messageuuid: visibleId,
    info: known === null ? null : { code: known, description: describeCode(known) },
  };
}
