import type { Server } from "node:tls";
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from "fastify";
import type { ServerTls } from "../runtime/tls-files.ts";
import { accessOf } from "./access.ts";
import { answerClientError } from "./client-errors.ts";
import type { AppOptions } from "./context.ts";
import { dropBody } from "./drop-body.ts";
import { heedExpectations, holdsBody } from "./expectations.ts";
import { Intake } from "./intake.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { answerTo, NO_STORE, type ProblemAnswer, problemAnswer } from "./problem-answer.ts";
import { headFault } from "./request-head.ts";
import { REQUEST_ID } from "./requests.ts";
import { accountWebhookRoutes } from "./routes/account-webhooks.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { auditRoutes } from "./routes/audit.ts";
import { batchRoutes } from "./routes/batches.ts";
import { carrierEventRoutes } from "./routes/carrier-events.ts";
import { carrierRoutes } from "./routes/carriers.ts";
import { dashboardRoutes } from "./routes/dashboard.ts";
import { endpointRoutes } from "./routes/endpoints.ts";
import { handsetRoutes } from "./routes/handsets.ts";
import { inboundRoutes } from "./routes/inbound.ts";
import { keyRoutes } from "./routes/keys.ts";
import { languageRoutes } from "./routes/languages.ts";
import { messageListRoutes } from "./routes/message-list.ts";
import { messageStoryRoutes } from "./routes/message-story.ts";
import { messageRoutes } from "./routes/messages.ts";
import { operationRoutes } from "./routes/operation.ts";
import { optOutRoutes } from "./routes/opt-outs.ts";
import { organizationRoutes } from "./routes/organizations.ts";
import { pendingRoutes } from "./routes/pending.ts";
import { rcsRoutes } from "./routes/rcs.ts";
import { receiptCodeRoutes } from "./routes/receipt-codes.ts";
import { referenceRoutes } from "./routes/reference.ts";
import { secretRoutes } from "./routes/secrets.ts";
import { senderRoutes } from "./routes/senders.ts";
import { smppRoutes } from "./routes/smpp.ts";
import { statisticsRoutes } from "./routes/statistics.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { FastPath } from "./send/fast-path.ts";
import { type Send, sending } from "./send/sending.ts";
import { spareHead } from "./spare-head.ts";
import { traceRequests } from "./tracing.ts";
import { UnreadAnswers } from "./unread-answers.ts";
import { weighBodies } from "./weigh-bodies.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The Content-Type field. */
    bodyType: string | undefined;
  }
}

/** Time for a request's header, and for the whole request, before the connection is given up. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Node's default is to look for late requests every 30 seconds. */
const CHECK_TIMEOUTS_MS = 1_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** RFC 9325 §3.1.1; Node itself could be told to go lower. A client may end its side first, as over plain HTTP. */
const TLS = { minVersion: "TLSv1.2", handshakeTimeout: HEADERS_TIMEOUT_MS, allowHalfOpen: true } as const;
/** Most octets of a body, except those that send: the largest has two URLs. */
const MAX_BODY_BYTES = 64 * 1024;
/** Most octets of a refused body that are still read. */
const MOST_DROPPED = 64 * 1024 * 1024;

/** No route has a schema of Fastify's; its own compilers would take 20 ms of each start, and half a megabyte of code. */
function noSchemas(): never {
  throw new Error("a route has a schema for Fastify");
}

/** Builds the HTTP side of the program, and what sends, where it has the role `api`; `listen` is the caller's. */
export function buildApp(options: AppOptions): { app: FastifyInstance; send: Send | null } {
  const { config, log, authenticator, requests } = options;
  const { bodyLimitBytes: bodyLimit } = config.server;
  const http = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_TIMEOUTS_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // A request without a host is refused below, with problem details.
    requireHostHeader: false,
  };
  const common = {
    // Requests are not logged: the query string has the key.
    logger: false,
    bodyLimit: Math.min(MAX_BODY_BYTES, bodyLimit),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // The warm-up takes as long as it takes: after ten seconds of it, which a busy machine needs, no start would succeed.
    pluginTimeout: 0,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    exposeHeadRoutes: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_HEADER_BYTES },
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    clientErrorHandler: (error, socket) => answerClientError(requests, error, socket),
    genReqId: ({ headers }) => requests.idOf(headers[REQUEST_ID]),
    // Of a path that the router cannot read; no hook is run for it.
    frameworkErrors: (_error, request, reply) => {
      const answer = problemAnswer("malformed-request", "The path or the query cannot be read.");
      sendProblem((reply as FastifyReply).header(REQUEST_ID, request.id), answer);
      const path = request.url.split("?", 1)[0] as string;
      const { id, method } = request;
      requests.answered({ id, method, route: null, path, status: answer.status, ms: 0, account: undefined });
    },
  } satisfies FastifyServerOptions;
  const app =
    options.tls === null
      ? fastify({ ...common, http })
      : // Its requests and answers are those of node:http.
        (fastify({ ...common, https: { ...http, ...TLS, ...options.tls } }) as unknown as FastifyInstance);
  const intake = new Intake(bodyLimit);
  // Before the request for a body that the client holds back.
  weighBodies(app, intake, bodyLimit);
  spareHead(app);
  heedExpectations(app, requests);
  oneAtATime(app.server);
  // As on GET: a body on DELETE is not read.
  app.addHttpMethod("DELETE", { hasBody: false, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.decorateRequest("accountId", 0);
  app.decorateRequest("accountUuid", undefined);
  app.decorateRequest("priced", false);
  app.decorateRequest("organizationId", 0);
  app.decorateRequest("keyName", "");
  app.decorateRequest("bodyType", undefined);
  const { turns } = options;
  app.decorateRequest("database", {
    getter(this: FastifyRequest) {
      return this.accountId === 0 ? turns.ofOrganization(this.organizationId) : turns.ofAccount(this.accountId);
    },
  });
  const routes: Route[] = [];
  const answerNotFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    answerUnknown(routes, request.url.split("?", 1)[0] as string, reply);
  app.addHook("onRequest", (request, reply, done) => {
    const { headers } = request.raw;
    // Fastify refuses an invalid media type; here a body is read whatever its type says.
    request.bodyType = headers["content-type"];
    headers["content-type"] = undefined;
    // The answer to a key is nobody else's (RFC 9111 §5.2.2.5); public pages say otherwise.
    reply.header("cache-control", NO_STORE);
    reply.header(REQUEST_ID, request.id);
    const fault = headFault(request.raw);
    if (fault !== null) done(fault);
    // Before the body is read: otherwise callers without a key could fill the memory, a body for each connection.
    else if (request.is404) answerNotFound(request, reply);
    else done();
  });
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    // The connection closes after the answer: Fastify has not read all of the body, or the client asked for it.
    const closes = reply.hasHeader("connection") || !reply.raw.shouldKeepAlive;
    if (closes && !holdsBody(request.raw)) await dropBody(request.raw, MOST_DROPPED);
    return sendProblem(reply, answerTo(error, log, request.id));
  });
  app.addHook("onResponse", (request, reply, done) => {
    requests.answered({
      id: request.id,
      method: request.method,
      route: request.is404 ? null : (request.routeOptions.url ?? null),
      path: request.url.split("?", 1)[0] as string,
      status: reply.statusCode,
      ms: reply.elapsedTime,
      account: request.accountUuid,
    });
    done();
  });
  if (options.trace !== null) traceRequests(app, options.trace);
  app.addHook("onClose", async () => requests.close());
  app.addHook("onRoute", ({ method, url }) => {
    routes.push({ method: String(method), pattern: url.split("/") });
  });
  app.setNotFoundHandler(answerNotFound);

  const access = accessOf(authenticator, options, (caller) => intake.mustHaveRead(caller));
  const send = config.roles.includes("api") ? sending(options, intake) : null;
  if (send !== null) {
    messageRoutes(app, send, access, bodyLimit);
    const lane = new FastPath(app.server, {
      log,
      requests,
      bodyLimit,
      access: access.sendingAtOnce,
      intake,
      send,
      traces: options.trace !== null,
    });
    app.addHook("preClose", async () => lane.close());
    messageListRoutes(app, options, access);
    messageStoryRoutes(app, options, access);
    batchRoutes(app, options, access);
    pendingRoutes(app, options, access);
    accountRoutes(app, options, access);
    organizationRoutes(app, options, access);
    keyRoutes(app, options, access);
    auditRoutes(app, access);
    smppRoutes(app, options, access);
    secretRoutes(app, options, access);
    accountWebhookRoutes(app, options, access);
    webhookRoutes(app, options, access);
    endpointRoutes(app, access);
    statisticsRoutes(app, options, access);
    senderRoutes(app, options, access);
    inboundRoutes(app, access);
    handsetRoutes(app, access);
    optOutRoutes(app, access);
    languageRoutes(app, options, access);
    receiptCodeRoutes(app);
    referenceRoutes(app, options);
    dashboardRoutes(app);
  }
  // After the fast path, which takes over Node's own listener for connections.
  const unread = new UnreadAnswers(app.server, { log });
  app.addHook("onClose", async () => unread.close());
  carrierRoutes(app, options, access);
  rcsRoutes(app, options);
  carrierEventRoutes(app, options);
  operationRoutes(app, options);
  return { app, send };
}

/** Has new connections see another certificate; `server` is that of an app with TLS. */
export function renewTls(server: FastifyInstance["server"], tls: ServerTls): void {
  (server as unknown as Server).setSecureContext({ ...TLS, ...tls });
}

function sendProblem(reply: FastifyReply, { status, headers, body }: ProblemAnswer): FastifyReply {
  // As bytes it goes out with this very type: it has no charset (RFC 9457 §6.1).
  return reply.code(status).headers(headers).send(Buffer.from(body));
}

/** 405 with `Allow` if the path exists for other methods. */
function answerUnknown(routes: readonly Route[], path: string, reply: FastifyReply): FastifyReply {
  const steps = path.replace(/(?<=.)\/$/, "").split("/");
  const allowed = routes.filter(({ pattern }) => {
    return pattern.length === steps.length && pattern.every((step, at) => step === steps[at] || step.startsWith(":"));
  });
  if (allowed.length === 0) return sendProblem(reply, problemAnswer("not-found", "There is nothing at this path."));
  const methods = [...new Set(allowed.map(({ method }) => method))].join(", ");
  reply.header("allow", methods);
  return sendProblem(reply, problemAnswer("method-not-allowed", `This path takes ${methods}.`));
}

interface Route {
  method: string;
  pattern: readonly string[];
}
