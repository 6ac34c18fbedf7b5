import type { Carrier, Submission } from "../carriers/carrier.ts";
import { FAILED, SUBMITTED } from "../message/state.ts";
import type { Routes } from "../route/routes.ts";
import type { Clock } from "../runtime/clock.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import type { WaitingMessage } from "../store/claim-messages.ts";
import { FairQueue } from "./fair-queue.ts";

/** No carrier is routed to the destination. */
const NO_ROUTE = "53";
/** Its validity ended before a carrier took it. */
const TIME_TO_LIVE = "51";
/** Sent, and whether it arrived is not known. */
const OUTCOME_UNKNOWN = "7A";

export interface SubmitOutcome {
  id: string;
  state: typeof SUBMITTED | typeof FAILED;
  code: string | null;
  carrier: number | null;
  carrierIds: readonly (string | null)[];
}

export interface SenderOptions {
  routes: Routes;
  carriers: ReadonlyMap<string, Carrier>;
  clock: Clock;
  log: Logger;
  onUncertain: "resend" | "fail";
  /** Resolves once the outcome is committed. */
  record(outcome: SubmitOutcome): Promise<boolean>;
  /** A submit whose answer never came. */
  countUncertain(): void;
  /** Messages left the hand. */
  onRoom(): void;
}

interface Queued extends WaitingMessage {
  /** What it fails with if its validity ends before a carrier takes it. */
  codeWhenOver: string;
}

/** The messages of one list of carriers. */
interface Lane {
  carriers: readonly Carrier[];
  queue: FairQueue<Queued>;
}

/**
 * Send: holds the messages in hand, gives each to the first of its carriers that is up and has room, and records what
 * became of it. Bounded by whoever feeds it: `inHand` counts a message from `take` until its outcome is committed.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #lanes = new Map<readonly string[], Lane>();
  readonly #inHand = new Set<string>();
  #submitting = 0;
  #taking = true;
  #idle: (() => void)[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
    for (const ids of options.routes.all) {
      const carriers = ids.flatMap((id) => options.carriers.get(id) ?? []);
      this.#lanes.set(ids, { carriers, queue: new FairQueue<Queued>() });
    }
  }

  get inHand(): number {
    return this.#inHand.size;
  }

  has(id: string): boolean {
    return this.#inHand.has(id);
  }

  /** Takes messages that are leased to this worker. */
  take(messages: readonly WaitingMessage[]): void {
    for (const message of messages) {
      if (this.#inHand.has(message.id)) continue;
      this.#inHand.add(message.id);
      const route = this.#options.routes.to(message.destination);
      const lane = route === undefined ? undefined : this.#lanes.get(route);
      if (lane === undefined) this.#finish(message, NO_ROUTE);
      else lane.queue.push({ ...message, codeWhenOver: TIME_TO_LIVE });
    }
    this.pump();
  }

  /** Submits for as long as there are messages and carriers with room. */
  pump(): void {
    if (!this.#taking) return;
    const now = this.#options.clock.now();
    for (const { carriers, queue } of this.#lanes.values()) {
      while (queue.size > 0) {
        const carrier = carriers.find((candidate) => candidate.up);
        if (carrier === undefined || carrier.free <= 0) break;
        const message = queue.shift() as Queued;
        if (message.expiresAt <= now) this.#finish(message, message.codeWhenOver);
        else void this.#submit(carrier, message, queue);
      }
    }
  }

  /** Fails what waited until its validity was over. */
  sweepExpired(): void {
    const now = this.#options.clock.now();
    for (const { queue } of this.#lanes.values()) {
      for (const message of queue.remove((queued) => queued.expiresAt <= now))
        this.#finish(message, message.codeWhenOver);
    }
  }

  /** Submits nothing more, waits for what is under way, and answers the ids that it leaves unsent. */
  async stop(): Promise<string[]> {
    this.#taking = false;
    const unsent = this.abandon();
    if (this.#submitting > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    return unsent;
  }

  /** Lets go of everything that is not under way: it is another's. */
  abandon(): string[] {
    const ids: string[] = [];
    for (const { queue } of this.#lanes.values()) {
      for (const { id } of queue.remove(() => true)) {
        this.#inHand.delete(id);
        ids.push(id);
      }
    }
    return ids;
  }

  async #submit(carrier: Carrier, message: Queued, queue: FairQueue<Queued>): Promise<void> {
    this.#submitting++;
    try {
      const submission = await carrier.submit(message);
      // Its slot is free before its outcome is committed.
      this.pump();
      await this.#conclude(carrier, message, queue, submission);
    } catch (error) {
      this.#options.log.error({ err: asError(error), message: message.id }, "the outcome of a submit was not recorded");
      this.#inHand.delete(message.id);
    } finally {
      this.#submitting--;
      if (this.#submitting === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  async #conclude(carrier: Carrier, message: Queued, queue: FairQueue<Queued>, submission: Submission): Promise<void> {
    switch (submission.kind) {
      case "submitted":
        return this.#record({
          id: message.id,
          state: SUBMITTED,
          code: null,
          carrier: carrier.number,
          carrierIds: submission.ids,
        });
      case "refused":
        return this.#record({
          id: message.id,
          state: FAILED,
          code: submission.code,
          carrier: carrier.number,
          carrierIds: [],
        });
      case "later":
        this.#putBack({ ...message, codeWhenOver: submission.code }, queue);
        return;
      case "uncertain":
        this.#options.countUncertain();
        if (this.#options.onUncertain === "resend") this.#putBack(message, queue);
        else
          await this.#record({
            id: message.id,
            state: FAILED,
            code: OUTCOME_UNKNOWN,
            carrier: carrier.number,
            carrierIds: [],
          });
    }
  }

  /** While stopping it is left leased; leaving the store as a worker frees it. */
  #putBack(message: Queued, queue: FairQueue<Queued>): void {
    if (!this.#taking) {
      this.#inHand.delete(message.id);
      return;
    }
    queue.unshift(message);
    this.pump();
  }

  #finish(message: WaitingMessage, code: string): void {
    void this.#record({ id: message.id, state: FAILED, code, carrier: null, carrierIds: [] }).catch(
      (error: unknown) => {
        this.#options.log.error({ err: asError(error), message: message.id }, "the end of a message was not recorded");
        this.#inHand.delete(message.id);
      },
    );
  }

  async #record(outcome: SubmitOutcome): Promise<void> {
    const recorded = await this.#options.record(outcome);
    if (!recorded)
      this.#options.log.warn(
        { message: outcome.id },
        "a message was taken over meanwhile: its outcome here is dropped",
      );
    this.#inHand.delete(outcome.id);
    this.#options.onRoom();
  }
}
