import { createHash } from "node:crypto";
import { AccountDeactivated, type FieldFault, NumberTaken, Rejected } from "../../runtime/errors.ts";
import { type Admitted, credentialsOf } from "../access.ts";
import { bodyReader, parseBody, type ReadBody } from "../body.ts";
import type { AppOptions } from "../context.ts";
import type { Intake } from "../intake.ts";
import { judgeQuery } from "../query.ts";
import { readBatch } from "./read-batch.ts";
import { type ReadRequest, readMessages } from "./read-message.ts";
import { PostBatch, PostMessage } from "./schemas.ts";
import { workOf } from "./work.ts";

/** Parameters of `POST /message` and `POST /batch`. */
export const SEND_QUERY = { dryRun: "flag", isDryrun: "flag", allowMulti: "flag" } as const;
/** Most characters of an idempotency key. */
export const LONGEST_KEY = 255;

/** Most messages of a request that are noted as stored: as many as a span may have links (OpenTelemetry's default limit). */
const MOST_NOTED = 128;

/** Most tries of a request to find numbers of the shared pool that others lock faster. */
const MOST_TRIES = 50;

export type SendPath = "/message" | "/batch";

/** A request to send from an admitted caller, whichever way it came in. */
export interface SendRequest extends Admitted {
  /** A Buffer; undefined without a body. */
  body: unknown;
  /** The Content-Type field. */
  bodyType: string | undefined;
  /** Where it is given, the messages that are stored are added. */
  stored?: string[];
}

/** Resolves with the answer, as JSON, after the commit. */
export type Send = (path: SendPath, request: SendRequest) => Promise<string>;

/** The work of `POST /message` and `POST /batch`. */
export function sending(options: AppOptions, intake: Intake): Send {
  const { config, acceptor, authenticator, senderOwners, sharedPool, clock } = options;
  const { unknownFields } = config.server;
  // `dryRun` in a body must not send, nor the batch form's `at` in a message send at once.
  const parameters = Object.keys(SEND_QUERY);
  const messageBody = bodyReader<PostMessage>(PostMessage, unknownFields, [
    ...parameters,
    ...Object.keys(PostBatch.properties),
  ]);
  const batchBody = bodyReader<PostBatch>(PostBatch, unknownFields, parameters);

  /** Stores the messages, or checks whether they would be stored; resolves with the caller's answer. */
  const store = async ({ acceptance, answer }: ReadRequest, request: SendRequest, dry: boolean): Promise<string> => {
    const text = answer();
    const key = request.headers["idempotency-key"];
    if (typeof key === "string") {
      const fingerprint = createHash("sha256")
        .update(request.body as Buffer)
        .digest();
      acceptance.idempotency = { accountId: acceptance.accountId, key, fingerprint, answer: text };
    }
    const earlier = await (dry ? acceptor.check(acceptance) : acceptor.accept(acceptance));
    if (acceptance.sharedLocks !== null && earlier === null && !dry) sharedPool.keep(acceptance.sharedLocks);
    if (earlier === null && !dry) request.stored?.push(...acceptance.messages.slice(0, MOST_NOTED).map(({ id }) => id));
    // The answer of the earlier time that it was done, or its own.
    return earlier ?? text;
  };

  return async (path, request) => {
    const { values: query, faults } = judgeQuery(request.query as Record<string, unknown>, SEND_QUERY);
    const { dryRun = query.isDryrun ?? false, isDryrun = dryRun } = query;
    if (dryRun !== isDryrun) faults.push({ path: "?isDryrun", message: "differs from dryRun, which means the same" });
    faults.push(...keyFaults(request));
    const body = parseBody(request.body, request.bodyType);
    // The hosted service's page on delivery webhooks posts the batch form to /message.
    const batch = path === "/batch" || isBatchForm(body);
    const form = batch ? batchBody.read(body) : messageBody.read(body);
    if (faults.length > 0) form.faults = [...faults, ...form.faults];
    const { accountId } = request;
    const { rules } = options;
    const work = workOf(form.body, (request.body as Buffer).length);
    const wait = intake.enterWork(accountId, work);
    if (wait !== undefined) await wait;
    try {
      const read = batch
        ? await readBatch(form as ReadBody<PostBatch>, request, query.allowMulti ?? false, rules, clock.now())
        : readMessages(form as ReadBody<PostMessage>, request, rules, clock.now());
      const unknown = senderOwners.check(request, read.senders);
      if (unknown !== undefined) await unknown;
      const { shared } = read;
      if (shared.length === 0) return await store(read, request, dryRun);
      for (let tries = 1; ; tries++) {
        try {
          const locks = await sharedPool.assign(accountId, shared);
          read.acceptance.sharedLocks = locks.length > 0 ? locks : null;
          return await store(read, request, dryRun);
        } catch (error) {
          if (!(error instanceof NumberTaken)) throw error;
          if (tries < MOST_TRIES) continue;
          throw new Rejected(
            "store-unavailable",
            "Too many requests ask for shared numbers at once; try again.",
            [],
            1,
          );
        }
      }
    } catch (error) {
      if (!(error instanceof AccountDeactivated)) throw error;
      authenticator.forget();
      throw authenticator.refusal(credentialsOf(request));
    } finally {
      intake.leaveWork(accountId, work);
    }
  };
}

function keyFaults({ headers }: SendRequest): FieldFault[] {
  const key = headers["idempotency-key"];
  if (key === undefined || (typeof key === "string" && key.length >= 1 && key.length <= LONGEST_KEY)) return [];
  return [{ path: "Idempotency-Key", message: `must be one, of 1 to ${LONGEST_KEY} characters` }];
}

function isBatchForm(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.hasOwn(body, "destinations");
}
