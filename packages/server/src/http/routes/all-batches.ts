import type { FastifyRequest } from "fastify";
import { timeOf } from "../../message/id.ts";
import type { BatchCounts } from "../../store/messages/batch-status.ts";
import { type BatchRow, listBatches } from "../../store/messages/list-batches.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { PAGE_QUERY, readQuery } from "../query.ts";
import type { Shown } from "./message-answers.ts";
import { messageFilter } from "./message-filter.ts";
import { search } from "./message-list.ts";
import { viewerOf } from "./message-story.ts";
import { HIGHEST_ID } from "./webhook-filter.ts";

/** Parameters of `GET /batch?all=true`. */
export const ALL_BATCHES_QUERY = { all: "flag", from: "text", since: "text", until: "text", ...PAGE_QUERY } as const;
/** The states of a batch. */
export const BATCH_STATES = ["pending", "sending", "done"] as const;

/** Every batch, the newest first, with messages that are batches of their own. */
export async function allBatches(request: FastifyRequest, options: AppOptions, access: Access) {
  const { viewer, shown } = await viewerOf(request, options, access);
  const query = readQuery(request.query as Record<string, unknown>, ALL_BATCHES_QUERY);
  const { limit = 100, after = HIGHEST_ID, from, since, until } = query;
  const { database } = request;
  const filter = await messageFilter(database, viewer, {
    ...(from === undefined ? {} : { from }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  });
  const { rows, next } = await search(() => listBatches(database, filter, after, limit));
  return { items: rows.map((row) => item(row, shown)), next };
}

function item(row: BatchRow, { whose }: Shown) {
  const { id, visibleId, account, sender, total, parts, delivered, failed, pendingUntil } = row;
  return {
    identifier: visibleId,
    at: new Date(pendingUntil ?? timeOf(id)).toISOString(),
    from: sender === "" ? null : sender,
    messagecount: total,
    unitcount: parts,
    delivered,
    failed,
    state: batchState({ total, delivered, failed }, pendingUntil),
    ...(whose ? { account_uuid: account } : {}),
  };
}

/** @param pendingUntil null where it is not held for a time */
export function batchState(
  { total, delivered, failed }: BatchCounts,
  pendingUntil: number | null,
): (typeof BATCH_STATES)[number] {
  if (pendingUntil !== null) return "pending";
  return delivered + failed < total ? "sending" : "done";
}
