import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../access.ts";
import type { Send, SendPath } from "../send/sending.ts";

/** `POST /message` and `POST /batch`: sending. */
export function messageRoutes(
  app: FastifyInstance,
  send: Send,
  { sending: onRequest }: Access,
  bodyLimit: number,
): void {
  const answer = async (path: SendPath, request: FastifyRequest, reply: FastifyReply) =>
    reply.type(JSON_MEDIA_TYPE).send(await send(path, request));
  app.post("/message", { onRequest, bodyLimit }, (request, reply) => answer("/message", request, reply));
  app.post("/batch", { onRequest, bodyLimit }, (request, reply) => answer("/batch", request, reply));
}

/** With the parameter that Fastify adds to every answer; RFC 8259 §11 defines none, and says that it does no harm. */
export const JSON_MEDIA_TYPE = "application/json; charset=utf-8";
