import type { FastifyInstance } from "fastify";
import { messageSpan, newSpanId, ROOT, readTraceparent, type Span, type SpanContext } from "../message/trace.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The span of the caller's trace that this request is part of; undefined where it is part of none. */
    calledFrom?: SpanContext;
    /** Messages that such a request has stored. */
    stored?: string[];
  }
}

/**
 * Gives each request that is part of its caller's trace a span there, with links to the traces of its messages. Of requests
 * without a key that works nothing is told: anybody can send those.
 */
export function traceRequests(app: FastifyInstance, trace: (span: Span) => void): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const calledFrom = readTraceparent(request.headers.traceparent as string | undefined);
    if (calledFrom !== null) {
      request.calledFrom = calledFrom;
      request.stored = [];
    }
    done();
  });
  app.addHook("onResponse", (request, { statusCode, elapsedTime }, done) => {
    const { calledFrom, method, routeOptions, stored = [] } = request;
    if (calledFrom !== undefined && request.keyName !== "") {
      const route = request.is404 ? "unknown" : (routeOptions.url ?? "unknown");
      const end = Date.now();
      trace({
        traceId: calledFrom.traceId,
        spanId: newSpanId(),
        parentSpanId: calledFrom.spanId,
        name: `${method} ${route}`,
        kind: "server",
        start: end - elapsedTime,
        end,
        attributes: {
          "http.request.method": method,
          "http.route": route,
          "http.response.status_code": statusCode,
          "mplus.request": request.id,
        },
        error: statusCode >= 500 ? `answered ${statusCode}` : null,
        links: stored.map((id) => messageSpan(id, ROOT)),
      });
    }
    done();
  });
}
