import { Transform, type TransformCallback } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Rejected } from "../runtime/errors.ts";
import { type Intake, LARGE, LARGE_ANSWER } from "./intake.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The place of its weighed body; null if it is not weighed. */
    place: BodyPlace | null;
  }
}

const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);
/**
 * The caller of what needs no key. It has no share that could be used up: whoever leaves `/docs` unread would have all
 * others refused.
 */
const NOBODY = 0;

/**
 * Makes each body wait for its turn before it is read, and weighs it until its answer is given, and the answer until it is
 * read. Bodies without a key are not weighed: their routes take less than Node holds of an unread body.
 */
export function weighBodies(app: FastifyInstance, intake: Intake, bodyLimit: number): void {
  app.decorateRequest("place", null);
  app.addHook("preParsing", (request, _reply, payload, done) => {
    const { headers, method } = request.raw;
    const account = callerOf(request);
    try {
      if (account !== NOBODY) intake.mustHaveRead(account);
    } catch (error) {
      done(error as Error);
      return;
    }
    const isChunked = headers["transfer-encoding"] !== undefined;
    const octets = isChunked ? Math.min(LARGE, bodyLimit) : Number(headers["content-length"] ?? 0);
    // A body beyond the limit is refused unread.
    if (account === NOBODY || !WITH_BODY.has(method ?? "") || octets === 0 || octets > bodyLimit) {
      done(null, payload);
      return;
    }
    const place = new BodyPlace(intake, account);
    request.place = place;
    const enter = (): void => {
      // A request whose client has gone gets nothing more, not even its end.
      if (request.raw.destroyed) done(new Rejected("malformed-request", "The request ends before its body does."));
      else if (!isChunked) done(null, payload);
      else {
        const weighed = new UnannouncedBody(place, bodyLimit);
        request.raw.on("error", (error) => weighed.destroy(error));
        done(null, payload.pipe(weighed));
      }
    };
    const wait = place.enter(octets);
    if (wait === undefined) enter();
    else wait.then(enter, done);
  });
  app.addHook("onSend", (request, { raw }, payload, done) => {
    request.place?.leave();
    const account = callerOf(request);
    const octets = typeof payload === "string" || Buffer.isBuffer(payload) ? payload.length : 0;
    const weighs = account !== NOBODY && octets > LARGE_ANSWER;
    if (weighs && !raw.destroyed) raw.once("close", intake.answerWaits(account, octets));
    done(null, payload);
  });
}

/** The account, or else the organization as a negative number; 0 for neither. */
function callerOf({ accountId, organizationId }: FastifyRequest): number {
  return accountId > 0 ? accountId : -organizationId;
}

/** The weight of one body. */
class BodyPlace {
  readonly #intake: Intake;
  readonly #account: number;
  #octets = 0;
  #isLeft = false;

  constructor(intake: Intake, account: number) {
    this.#intake = intake;
    this.#account = account;
  }

  /** As the intake's `enterBody`, with this weight in place of the last one. */
  enter(octets: number): Promise<void> | undefined {
    this.#give();
    const wait = this.#intake.enterBody(this.#account, octets);
    if (wait !== undefined) return wait.then(() => this.#take(octets));
    this.#take(octets);
    return undefined;
  }

  /** Reduces its weight to at most this. */
  shrink(octets: number): void {
    if (octets < this.#octets) this.#intake.leaveBody(this.#account, this.#octets - octets);
    this.#octets = Math.min(octets, this.#octets);
  }

  leave(): void {
    this.#isLeft = true;
    this.#give();
  }

  #take(octets: number): void {
    this.#octets = octets;
    if (this.#isLeft) this.#give();
  }

  #give(): void {
    if (this.#octets > 0) this.#intake.leaveBody(this.#account, this.#octets);
    this.#octets = 0;
  }
}

/** A body without an announced length: it weighs as a small one until it has more octets, then as the largest. */
class UnannouncedBody extends Transform {
  readonly #place: BodyPlace;
  readonly #bodyLimit: number;
  #octets = 0;

  constructor(place: BodyPlace, bodyLimit: number) {
    super();
    this.#place = place;
    this.#bodyLimit = bodyLimit;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const wasSmall = this.#octets <= LARGE;
    this.#octets += chunk.length;
    const wait =
      wasSmall && this.#octets > LARGE && this.#bodyLimit > LARGE ? this.#place.enter(this.#bodyLimit) : undefined;
    if (wait === undefined) done(null, chunk);
    else
      wait.then(
        () => done(null, chunk),
        (error: Error) => done(error),
      );
  }

  override _flush(done: TransformCallback): void {
    if (this.#octets <= LARGE) this.#place.shrink(this.#octets);
    done();
  }
}
