import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { cancelBatch } from "../../account/cancel.ts";
import { isUuid } from "../../message/id.ts";
import { LAST_TIME } from "../../message/iso-time.ts";
import type { Database } from "../../store/database.ts";
import { listPendingBatches, type PendingBatch, type PendingPlace } from "../../store/messages/pending-batches.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { NOT_A_CURSOR, OWN_PAGE_QUERY, queryFaults, readQuery } from "../query.ts";
import { allBatches } from "./all-batches.ts";
import { uuidOf } from "./organizations.ts";

/** Rows that are read at a time. */
const PAGE = 1_000;

/** `GET /batch` (with `all=true` every batch, with any key) and `DELETE /batch/{uuid}`: scheduled batches. */
export function pendingRoutes(app: FastifyInstance, options: AppOptions, access: Access): void {
  app.get("/batch", async (request, reply) => {
    const { all } = request.query as { all?: unknown };
    if (String(all).toLowerCase() === "true") return allBatches(request, options, access);
    await access.account(request);
    const { limit, after } = readQuery(request.query as Record<string, unknown>, { all: "flag", ...OWN_PAGE_QUERY });
    const { accountId, database } = request;
    const place = after === undefined ? null : placeOf(after);
    if (limit === undefined && after === undefined) {
      const all = Readable.from(stream(database, accountId), { objectMode: false });
      return reply.type("application/json; charset=utf-8").send(all);
    }
    const size = limit ?? 100;
    const rows = await listPendingBatches(database, accountId, place, size + 1);
    const last = rows.length > size ? rows[size - 1] : undefined;
    const next = last === undefined ? null : `${last.at}.${last.id}`;
    return { batches: rows.slice(0, size).map(shown), next };
  });

  app.delete<{ Params: { uuid: string } }>("/batch/:uuid", { onRequest: access.sending }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    return { identifier: await cancelBatch(request.database, request.accountId, uuidOf(request.params)) };
  });
}

/** All of them, a page at a time: a slow reader holds one page. */
async function* stream(database: Database, accountId: number): AsyncGenerator<string> {
  let prefix = '{"batches":[';
  for (let after: PendingPlace | null = null; ; ) {
    const rows: PendingBatch[] = await listPendingBatches(database, accountId, after, PAGE);
    if (rows.length > 0) yield prefix + rows.map((row) => JSON.stringify(shown(row))).join(",");
    if (rows.length > 0) prefix = ",";
    if (rows.length < PAGE) break;
    after = rows[PAGE - 1] as PendingBatch;
  }
  yield prefix === "," ? "]}" : `${prefix}]}`;
}

function shown({ visibleId, at, sender, total, parts }: PendingBatch) {
  return {
    identifier: visibleId,
    at: new Date(at).toISOString(),
    from: sender,
    messagecount: total,
    unitcount: parts,
  };
}

function placeOf(cursor: string): PendingPlace {
  const [, at, id = ""] = /^(\d{1,16})\.(.{36})$/.exec(cursor) ?? [];
  if (!isUuid(id) || Number(at) > LAST_TIME) {
    throw queryFaults(NOT_A_CURSOR);
  }
  return { at: Number(at), id };
}
