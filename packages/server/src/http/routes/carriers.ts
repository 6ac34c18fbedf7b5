import type { FastifyInstance } from "fastify";
import { Rejected } from "../../runtime/errors.ts";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { OWN_PAGE_QUERY, readQuery } from "../query.ts";

/** `GET /carriers`: how the carriers of this program do; none where it has not the role. */
export function carrierRoutes(app: FastifyInstance, { carriers }: AppOptions, { operator: onRequest }: Access): void {
  app.get("/carriers", { onRequest }, async (request) => {
    const query = readQuery(request.query as Record<string, unknown>, OWN_PAGE_QUERY);
    const { limit = 100, after } = query;
    const all = await carriers();
    const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    if (after !== undefined && from === 0) {
      throw new Rejected("invalid-request", "The query has faults.", [{ path: "?after", message: "is not a cursor" }]);
    }
    const items = all.slice(from, from + limit);
    return { items, next: from + limit < all.length ? (items.at(-1)?.id ?? null) : null };
  });
}
