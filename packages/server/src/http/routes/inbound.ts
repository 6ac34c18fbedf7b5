import type { FastifyInstance } from "fastify";
import { inboundBody } from "../../message/inbound.ts";
import { listInbound } from "../../store/handsets/inbound.ts";
import type { Access } from "../access.ts";
import { PAGE_QUERY, readQuery } from "../query.ts";

const BEGINNING = "00000000-0000-0000-0000-000000000000";

/** `GET /inbound`: what handsets wrote to the account, the oldest first, as its webhooks told it. */
export function inboundRoutes(app: FastifyInstance, { account: onRequest }: Access): void {
  app.get("/inbound", { onRequest }, async (request) => {
    const { limit = 100, after = BEGINNING } = readQuery(request.query as Record<string, unknown>, PAGE_QUERY);
    const rows = await listInbound(request.database, request.accountId, after, limit + 1);
    const items = rows.slice(0, limit).map((row) => inboundBody(row.accountIdentifier, row));
    return { items, next: rows.length > limit ? (items.at(-1)?.mo_uuid ?? null) : null };
  });
}
