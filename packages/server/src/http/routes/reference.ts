import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AppOptions } from "../context.ts";

/** The page loads nothing: it contains everything. */
const SELF_CONTAINED =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `GET /openapi.json` and `GET /docs`, without a key. */
export function referenceRoutes(app: FastifyInstance, { reference }: AppOptions): void {
  app.get("/openapi.json", async (request, reply) => {
    return sendUnlessHad(request, reply, "application/json; charset=utf-8", await reference.openApi());
  });
  app.get("/docs", async (request, reply) => {
    reply.header("content-security-policy", SELF_CONTAINED);
    return sendUnlessHad(request, reply, "text/html; charset=utf-8", await reference.page());
  });
}

/** 304 to a caller who has it (RFC 9110 §13.1.2). */
export function sendUnlessHad(request: FastifyRequest, reply: FastifyReply, type: string, text: string): FastifyReply {
  const etag = `"${createHash("sha256").update(text).digest("base64url")}"`;
  reply.header("etag", etag).header("cache-control", "no-cache");
  if (request.headers["if-none-match"]?.includes(etag)) return reply.code(304).send();
  return reply.type(type).send(text);
}
