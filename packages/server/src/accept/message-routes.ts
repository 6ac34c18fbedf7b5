import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Rejected } from "../runtime/errors.ts";
import { type Access, credentialsOf } from "./access.ts";
import type { AppOptions } from "./app.ts";
import { bodyReader, parseBody } from "./body.ts";
import { AccountDeactivated } from "./price.ts";
import { type Query, readQuery } from "./query.ts";
import { readBatch } from "./read-batch.ts";
import { type ReadMessages, readMessages } from "./read-message.ts";
import { PostBatch, PostMessage } from "./schemas.ts";

/** Of `POST /message` and `POST /batch`. */
export const SEND_QUERY = { dryRun: "flag", isDryrun: "flag", allowMulti: "flag" } as const;
type SendQuery = Query<typeof SEND_QUERY>;
/** Characters in an idempotency key at most. */
export const LONGEST_KEY = 255;

/** `POST /message` and `POST /batch`: what is to be sent. */
export function messageRoutes(app: FastifyInstance, options: AppOptions, { account: onRequest }: Access): void {
  const { config, acceptor, authenticator, senderOwners, sharedPool, clock, checkCallback } = options;
  const rules = { messages: config.messages, checkCallback };
  const { unknownFields } = config.server;
  // `dryRun` in a body must not send, nor the batch form's `at` in a message send at once.
  const parameters = Object.keys(SEND_QUERY);
  const messageBody = bodyReader<PostMessage>(PostMessage, unknownFields, [
    ...parameters,
    ...Object.keys(PostBatch.properties),
  ]);
  const batchBody = bodyReader<PostBatch>(PostBatch, unknownFields, parameters);

  const postMessages = (body: unknown, request: FastifyRequest): Read => {
    const { answers, ...read } = readMessages(messageBody.read(body), request, rules, clock.now());
    return { ...read, answer: { messages: answers } };
  };
  const postBatch = async (body: unknown, request: FastifyRequest, allowMulti = false): Promise<Read> => {
    const { identifier, ...read } = await readBatch(batchBody.read(body), request, allowMulti, rules, clock.now());
    return { ...read, shared: [], answer: { identifier } };
  };

  /** Answers with the request's own answer, or with the one that it had when it was done before. */
  const accept = async (request: FastifyRequest, reply: FastifyReply, query: SendQuery, read: Read) => {
    const { acceptance, answer, senders, shared } = read;
    await senderOwners.check(request, senders);
    const { accountId } = request;
    if (shared.length > 0)
      await (isDryRun(query) ? sharedPool.foresee(accountId, shared) : sharedPool.assign(accountId, shared));
    const key = idempotencyKey(request);
    if (key !== null) {
      const fingerprint = createHash("sha256")
        .update(request.body as Buffer)
        .digest();
      acceptance.idempotency = { accountId: acceptance.accountId, key, fingerprint, answer: JSON.stringify(answer) };
    }
    try {
      const earlier = await (isDryRun(query) ? acceptor.check(acceptance) : acceptor.accept(acceptance));
      return earlier === null ? answer : reply.type("application/json; charset=utf-8").send(earlier);
    } catch (error) {
      if (!(error instanceof AccountDeactivated)) throw error;
      authenticator.forget();
      throw authenticator.refusal(credentialsOf(request));
    }
  };

  app.post("/message", { onRequest }, async (request, reply) => {
    const query = readQuery(request.query as Record<string, unknown>, SEND_QUERY);
    const body = parseBody(request.body, request.bodyType);
    // The hosted service's page on delivery webhooks posts the batch form here.
    const read = isBatchForm(body) ? await postBatch(body, request, query.allowMulti) : postMessages(body, request);
    return accept(request, reply, query, read);
  });

  app.post("/batch", { onRequest }, async (request, reply) => {
    const query = readQuery(request.query as Record<string, unknown>, SEND_QUERY);
    const read = await postBatch(parseBody(request.body, request.bodyType), request, query.allowMulti);
    return accept(request, reply, query, read);
  });
}

interface Read extends Omit<ReadMessages, "answers"> {
  answer: object;
}

/** @throws Rejected where there is one that is none */
function idempotencyKey({ headers }: FastifyRequest): string | null {
  const key = headers["idempotency-key"];
  if (key === undefined) return null;
  if (typeof key === "string" && key.length >= 1 && key.length <= LONGEST_KEY) return key;
  const fault = { path: "Idempotency-Key", message: `must be one, of 1 to ${LONGEST_KEY} characters` };
  throw new Rejected("invalid-request", "The header has a fault.", [fault]);
}

function isDryRun({ dryRun, isDryrun }: SendQuery): boolean {
  return dryRun === true || isDryrun === true;
}

function isBatchForm(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.hasOwn(body, "destinations");
}
