import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";

/**
 * HEAD asks for no body: a stream is not begun. The framework itself would read it to its end after the answer, as many
 * at one time as a client asks for.
 */
export function spareHead(app: FastifyInstance): void {
  app.addHook("onSend", (request, _reply, payload, done) => {
    if (request.method === "HEAD" && payload instanceof Readable) payload.destroy();
    done(null, payload);
  });
}
