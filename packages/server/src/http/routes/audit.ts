import type { FastifyInstance } from "fastify";
import { listAudit } from "../../store/accounts/audit.ts";
import type { Access } from "../access.ts";
import { NOT_A_CURSOR, OWN_PAGE_QUERY, queryFaults, readQuery } from "../query.ts";

/** `GET /audit`: who changed what, in an organization, or in all for the operator. */
export function auditRoutes(app: FastifyInstance, { organizationOrOperator }: Access): void {
  app.get("/audit", async (request) => {
    const caller = await organizationOrOperator(request);
    const { limit = 100, after } = readQuery(request.query as Record<string, unknown>, OWN_PAGE_QUERY);
    if (after !== undefined && !/^\d{1,15}$/.test(after)) {
      throw queryFaults(NOT_A_CURSOR);
    }
    const of = caller === "operator" ? null : caller.organizationId;
    const rows = await listAudit(request.database, of, after === undefined ? null : Number(after), limit + 1);
    const items = rows.slice(0, limit).map(({ at, key, action, object, organization }) => {
      const whose = caller === "operator" ? { organization_uuid: organization } : {};
      return { at: at.toISOString(), key, action, object, ...whose };
    });
    return { items, next: rows.length > limit ? String(rows[limit - 1]?.id) : null };
  });
}
