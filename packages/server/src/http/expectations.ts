import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import { Rejected } from "../runtime/errors.ts";
import { PROBLEMS } from "../runtime/problems.ts";
import { BODY_TOO_LARGE_DETAIL, problemAnswer } from "./problem-answer.ts";
import { REQUEST_ID, type Requests } from "./requests.ts";

/** Requests whose clients hold their bodies back until they are asked for (RFC 9110 §10.1.1). */
const held = new WeakSet<IncomingMessage>();

/** Whether the client holds the body back, so that it will not come unasked. Node closes the connection after the answer. */
export function holdsBody(message: IncomingMessage): boolean {
  return held.has(message);
}

/** Asks for a body that is held back only once the request's path, key and length are found right. */
export function heedExpectations(app: FastifyInstance, requests: Requests): void {
  const refuse = (message: IncomingMessage, response: ServerResponse) => answerExpectation(requests, message, response);
  app.server.on("checkExpectation", refuse);
  app.server.on("checkContinue", (message: IncomingMessage, response: ServerResponse) => {
    // Node reports it among other expectations too.
    if (message.headers.expect?.toLowerCase() !== "100-continue") return refuse(message, response);
    held.add(message);
    app.server.emit("request", message, response);
  });
  app.addHook("preParsing", (request, reply, _body, done) => {
    if (!held.has(request.raw)) done();
    else if (Number(request.headers["content-length"]) > request.routeOptions.bodyLimit) {
      done(new Rejected("body-too-large", BODY_TOO_LARGE_DETAIL));
    } else {
      reply.raw.writeContinue();
      held.delete(request.raw);
      done();
    }
  });
}

/** Answers an `Expect` that is not `100-continue`. */
function answerExpectation(requests: Requests, message: IncomingMessage, response: ServerResponse): void {
  const id = requests.idOf(message.headers[REQUEST_ID]);
  const path = (message.url ?? "").split("?", 1)[0] as string;
  const { status, headers, body } = problemAnswer("expectation-failed", `${PROBLEMS["expectation-failed"].title}.`);
  response.writeHead(status, {
    ...headers,
    [REQUEST_ID]: id,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  response.end(body);
  requests.answered({ id, method: message.method ?? "", route: null, path, status, ms: 0, account: undefined });
}
