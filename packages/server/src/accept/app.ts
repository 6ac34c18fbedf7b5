import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from "fastify";
import type { Pool } from "pg";
import type { Accounts } from "../account/accounts.ts";
import type { Organizations } from "../account/organizations.ts";
import type { CarrierStatus } from "../carriers/carrier.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../runtime/clock.ts";
import { asError, Rejected } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { isTransientDatabaseError } from "../store/errors.ts";
import type { StoreWatch } from "../store/watch.ts";
import type { Acceptor } from "./accept.ts";
import { accessOf, type TakeToken } from "./access.ts";
import { accountRoutes } from "./account-routes.ts";
import { accountWebhookRoutes } from "./account-webhook-routes.ts";
import type { Authenticator } from "./authenticate.ts";
import { batchRoutes } from "./batch-routes.ts";
import { carrierRoutes } from "./carrier-routes.ts";
import { handsetRoutes } from "./handset-routes.ts";
import { inboundRoutes } from "./inbound-routes.ts";
import { messageRoutes } from "./message-routes.ts";
import { operationRoutes } from "./operation-routes.ts";
import { organizationRoutes } from "./organization-routes.ts";
import { pendingRoutes } from "./pending-routes.ts";
import { isProblemName, PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemName, problem } from "./problems.ts";
import { receiptCodeRoutes } from "./receipt-code-routes.ts";
import { type Reference, referenceRoutes } from "./reference-routes.ts";
import type { CheckCallback } from "./rules.ts";
import { secretRoutes } from "./secret-routes.ts";
import type { SenderOwners } from "./sender-owners.ts";
import { senderRoutes } from "./sender-routes.ts";
import type { SharedPool } from "./shared-pool.ts";
import { webhookRoutes } from "./webhook-routes.ts";

export interface AppOptions {
  config: Config;
  pool: Pool;
  log: Logger;
  clock: Clock;
  store: StoreWatch;
  authenticator: Authenticator;
  /** Limits the requests of a key; null where they are not limited. */
  takeToken: TakeToken | null;
  acceptor: Acceptor;
  organizations: Organizations;
  accounts: Accounts;
  senderOwners: SenderOwners;
  sharedPool: SharedPool;
  /** What is remembered of senders does not hold any more. */
  sendersChanged(): Promise<void>;
  checkCallback: CheckCallback;
  /** What work of the program does not go on; empty where all does. */
  stuck(): Promise<string>;
  /** The metrics of the whole program, in Prometheus' text form. */
  metrics(): Promise<string>;
  /** How the carriers of this program do, in the order of the configuration. */
  carriers(): Promise<CarrierStatus[]>;
  reference: Reference;
}

declare module "fastify" {
  interface FastifyRequest {
    /** What the Content-Type says. */
    bodyType: string | undefined;
  }
}

/** Time for a request's header, and for the whole of it, before the connection is given up. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Builds the HTTP side of the program; `listen` is the caller's. */
export function buildApp(options: AppOptions): FastifyInstance {
  const { config, log, authenticator } = options;
  const app = fastify({
    // Requests are not logged: the query string has the key.
    logger: false,
    bodyLimit: config.server.bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A request without a host is refused below, with problem details.
    http: { headersTimeout: HEADERS_TIMEOUT_MS, maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    exposeHeadRoutes: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_HEADER_BYTES },
    clientErrorHandler: (error, socket) => {
      const code = (error as NodeJS.ErrnoException).code;
      if (socket.writable && code !== "ECONNRESET") socket.end(rawProblem(code));
      else socket.destroy();
    },
    frameworkErrors: (_error, _request, reply) =>
      void sendProblem(reply as FastifyReply, "malformed-request", "The path or the query cannot be read."),
  });
  // As on GET: a body on DELETE is not read.
  app.addHttpMethod("DELETE", { hasBody: false, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.decorateRequest("accountId", 0);
  app.decorateRequest("priced", false);
  app.decorateRequest("organizationId", 0);
  app.decorateRequest("bodyType", undefined);
  app.addHook("onRequest", (request, _reply, done) => {
    const { headers, httpVersion } = request.raw;
    // Fastify refuses what is no media type; here a body is read whatever its type says.
    request.bodyType = headers["content-type"];
    headers["content-type"] = undefined;
    const hostless = headers.host === undefined && httpVersion === "1.1";
    done(hostless ? new Rejected("malformed-request", "The request names no host (RFC 9112 §3.2).") : undefined);
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => answerError(error, reply, log));
  const routes: Route[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    routes.push({ method: String(method), pattern: url.split("/") });
  });
  app.setNotFoundHandler((request, reply) => answerUnknown(routes, request.url.split("?", 1)[0] as string, reply));

  const access = accessOf(authenticator, options.takeToken, options.store);
  if (config.roles.includes("api")) {
    messageRoutes(app, options, access);
    batchRoutes(app, options, access.account);
    pendingRoutes(app, options, access);
    accountRoutes(app, options, access);
    organizationRoutes(app, options, access);
    secretRoutes(app, options, access);
    accountWebhookRoutes(app, options, access);
    webhookRoutes(app, options, access);
    senderRoutes(app, options, access);
    inboundRoutes(app, options, access);
    handsetRoutes(app, options, access);
    receiptCodeRoutes(app);
    referenceRoutes(app, options);
  }
  carrierRoutes(app, options, access);
  operationRoutes(app, options);
  return app;
}

function answerError(error: FastifyError, reply: FastifyReply, log: Logger): FastifyReply {
  if (error instanceof Rejected && isProblemName(error.problem)) {
    if (error.retryAfter !== null) reply.header("retry-after", String(error.retryAfter));
    if (error.problem === "invalid-token") reply.header("www-authenticate", 'Bearer error="invalid_token"');
    return sendProblem(reply, error.problem, error.message, error.faults);
  }
  if (isTransientDatabaseError(error)) {
    reply.header("retry-after", "1");
    return sendProblem(reply, "store-unavailable", "The store is out of reach.");
  }
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return sendProblem(reply, "body-too-large", "The body is beyond the server's limit.");
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return sendProblem(reply, "malformed-request", error.message);
  }
  log.error({ err: asError(error) }, "a request failed");
  return sendProblem(
    reply,
    "internal-error",
    "The fault is noted in the server's log; nothing of this request is promised.",
  );
}

function sendProblem(
  reply: FastifyReply,
  name: ProblemName,
  detail: string,
  faults: Rejected["faults"] = [],
): FastifyReply {
  // With a serializer of its own the type is sent as it is: it has no charset (RFC 9457 §6.1).
  reply.code(PROBLEMS[name].status).type(PROBLEM_MEDIA_TYPE).serializer(JSON.stringify);
  return reply.send(problem(name, detail, faults));
}

/** 405 with `Allow` where the path is known under other methods. */
function answerUnknown(routes: readonly Route[], path: string, reply: FastifyReply): FastifyReply {
  const steps = path.replace(/(?<=.)\/$/, "").split("/");
  const allowed = routes.filter(({ pattern }) => {
    return pattern.length === steps.length && pattern.every((step, at) => step === steps[at] || step.startsWith(":"));
  });
  if (allowed.length === 0) return sendProblem(reply, "not-found", "There is nothing at this path.");
  const methods = [...new Set(allowed.map(({ method }) => method))].join(", ");
  reply.header("allow", methods);
  return sendProblem(reply, "method-not-allowed", `This path takes ${methods}.`);
}

interface Route {
  method: string;
  pattern: readonly string[];
}

/** An answer to what could not be read as HTTP, where no reply object exists. */
function rawProblem(code: string | undefined): string {
  const name =
    code === "HPE_HEADER_OVERFLOW"
      ? "headers-too-large"
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "request-timeout"
        : "malformed-request";
  const body = JSON.stringify(problem(name, `${PROBLEMS[name].title}.`));
  const { status } = PROBLEMS[name];
  return `HTTP/1.1 ${status} Error\r\ncontent-type: ${PROBLEM_MEDIA_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}
