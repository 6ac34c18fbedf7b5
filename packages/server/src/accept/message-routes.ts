import type { FastifyInstance, FastifyRequest } from "fastify";
import { Rejected } from "../runtime/errors.ts";
import type { AppOptions } from "./app.ts";
import { bodyReader, parseBody } from "./body.ts";
import { type Query, readQuery } from "./query.ts";
import { readBatch } from "./read-batch.ts";
import { readMessages } from "./read-message.ts";
import { PostBatch, PostMessage } from "./schemas.ts";

const SEND_QUERY = { dryRun: "flag", isDryrun: "flag", allowMulti: "flag" } as const;

/** `POST /message` and `POST /batch`: what is to be sent. */
export function messageRoutes(
  app: FastifyInstance,
  options: AppOptions,
  needsAccount: (request: FastifyRequest) => Promise<void>,
): void {
  const { config, acceptor, clock, checkCallback } = options;
  const rules = { messages: config.messages, checkCallback };
  const messageBody = bodyReader<PostMessage>(PostMessage, config.server.unknownFields);
  const batchBody = bodyReader<PostBatch>(PostBatch, config.server.unknownFields);

  const postBatch = async (body: unknown, accountId: number, query: Query<typeof SEND_QUERY>) => {
    const request = batchBody.read(body);
    const allowMulti = query.allowMulti ?? false;
    const { acceptance, identifier } = await readBatch(request, accountId, allowMulti, rules, clock.now());
    await (isDryRun(query) ? acceptor.check(acceptance) : acceptor.accept(acceptance));
    return { identifier };
  };

  app.post("/message", { onRequest: needsAccount }, async (request) => {
    const query = readRequest(request);
    const body = parseBody(request.body, request.bodyType);
    // The hosted service's page on delivery webhooks posts the batch form here.
    if (isBatchForm(body)) return postBatch(body, request.accountId, query);
    const read = readMessages(messageBody.read(body), request.accountId, rules, clock.now());
    await (isDryRun(query) ? acceptor.check(read.acceptance) : acceptor.accept(read.acceptance));
    return { messages: read.answers };
  });

  app.post("/batch", { onRequest: needsAccount }, (request) => {
    const query = readRequest(request);
    return postBatch(parseBody(request.body, request.bodyType), request.accountId, query);
  });
}

function readRequest(request: FastifyRequest): Query<typeof SEND_QUERY> {
  if (request.headers["idempotency-key"] !== undefined) {
    throw new Rejected("invalid-request", "Idempotency keys are not available on this server.", [
      { path: "Idempotency-Key", message: "is not available on this server" },
    ]);
  }
  return readQuery(request.query as Record<string, unknown>, SEND_QUERY);
}

function isDryRun({ dryRun, isDryrun }: Query<typeof SEND_QUERY>): boolean {
  return dryRun === true || isDryrun === true;
}

function isBatchForm(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.hasOwn(body, "destinations");
}
