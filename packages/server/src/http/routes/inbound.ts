import type { FastifyInstance } from "fastify";
import { inboundBody } from "../../message/inbound.ts";
import { normaliseMsisdn } from "../../message/msisdn.ts";
import { normaliseSenderId } from "../../message/sender-id.ts";
import { listInbound } from "../../store/handsets/inbound.ts";
import type { Access } from "../access.ts";
import { PAGE_QUERY, queryFaults, readQuery, withPlus } from "../query.ts";
import { NOT_A_NUMBER, NOT_A_SENDER } from "../send/rules.ts";
import { FilterFields } from "./webhook-filter.ts";

export const INBOUND_QUERY = {
  ...PAGE_QUERY,
  from: "text",
  to: "text",
  since: "text",
  until: "text",
  order: "text",
} as const;

/** `GET /inbound`: the messages from handsets to the account, oldest first by default, in the form of their webhooks. */
export function inboundRoutes(app: FastifyInstance, { account: onRequest }: Access): void {
  app.get("/inbound", { onRequest }, async (request) => {
    const query = readQuery(request.query as Record<string, unknown>, INBOUND_QUERY);
    const { limit = 100, after = null, order = "oldest" } = query;
    const fields = new FilterFields();
    const range = fields.times(["?since", query.since], ["?until", query.until]);
    const from = query.from === undefined ? null : normaliseMsisdn(withPlus(query.from));
    const to = query.to === undefined ? null : normaliseSenderId(withPlus(query.to));
    if (query.from !== undefined && from === null) fields.faults.push({ path: "?from", message: NOT_A_NUMBER });
    if (query.to !== undefined && to === null) fields.faults.push({ path: "?to", message: NOT_A_SENDER });
    if (order !== "oldest" && order !== "newest") {
      fields.faults.push({ path: "?order", message: "must be oldest or newest" });
      throw queryFaults(...fields.faults);
    }
    if (fields.faults.length > 0) throw queryFaults(...fields.faults);
    const filter = { from, to, ...range };
    const rows = await listInbound(request.database, request.accountId, filter, order, after, limit + 1);
    const items = rows.slice(0, limit).map((row) => inboundBody(row.accountIdentifier, row));
    return { items, next: rows.length > limit ? (items.at(-1)?.mo_uuid ?? null) : null };
  });
}
