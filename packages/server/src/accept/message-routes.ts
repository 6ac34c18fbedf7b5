import type { FastifyInstance } from "fastify";
import type { Access } from "./access.ts";
import type { Send, SendPath } from "./sending.ts";

/** `POST /message` and `POST /batch`: what is to be sent. */
export function messageRoutes(app: FastifyInstance, send: Send, { account: onRequest }: Access): void {
  const route = (path: SendPath): void => {
    app.post(path, { onRequest }, async (request, reply) => {
      return reply.type(JSON_MEDIA_TYPE).send(await send(path, request));
    });
  };
  route("/message");
  route("/batch");
}

/** With the parameter that Fastify gives every answer; RFC 8259 §11 has none, and says that it does no harm. */
export const JSON_MEDIA_TYPE = "application/json; charset=utf-8";
