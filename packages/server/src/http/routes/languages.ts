import type { FastifyInstance } from "fastify";
import type { Access } from "../access.ts";
import type { AppOptions } from "../context.ts";
import { readQuery } from "../query.ts";

/** `GET /national-languages`: the languages in which texts may be written and counted, by destination. */
export function languageRoutes(app: FastifyInstance, options: AppOptions, { account }: Access): void {
  app.get("/national-languages", { onRequest: account }, async (request) => {
    readQuery(request.query as Record<string, unknown>, {});
    return { routes: options.languages.routes };
  });
}
