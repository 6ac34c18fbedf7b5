import type { Carrier, Submission } from "../carriers/carrier.ts";
import { channelTimes } from "../message/channel.ts";
import { asError } from "../runtime/errors.ts";
import { warnOf } from "../runtime/outages.ts";
import { fallBackRow } from "../store/messages/fall-back.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { carrierFor, type Lane, Lanes, type LanesOptions } from "./lanes.ts";
import { atFallback, hasFallback, OUTCOME_UNKNOWN, type Queued, queued, untilOf } from "./queued.ts";
import { keepSaid, saidOf } from "./said.ts";
import type { SenderOptions } from "./sender-options.ts";
import { SetAside } from "./set-aside.ts";
import { cancelled, failed, submitted } from "./submit-outcome.ts";
import { submitsATurn, Turn } from "./turn.ts";

/** No carrier is routed to the destination. */
const NO_ROUTE = "53";
/** The handset has opted out. */
const OPTED_OUT = "58";
/** Most submits of a message without an answer, each of which the handset may have; then it fails. */
const MAX_UNCERTAIN = 5;

export type { SenderOptions } from "./sender-options.ts";

const NOT_TAKEN: Submission = { kind: "later", code: null };
/**
 * Most answers of carriers whose outcomes are not committed yet: a crash repeats these, beside the carrier's window. At full
 * speed there are about 200.
 */
const MOST_UNRECORDED = 2_000;

/**
 * Holds the messages in memory, gives each to the first of its carriers that is up and has room, and records the outcome.
 * The caller of `take` bounds it: `buffered` counts a message from `take` until its outcome is committed.
 */
export class Sender {
  readonly #options: SenderOptions;
  #lanes: Lanes;
  readonly #turn: Turn;
  readonly #buffered = new Set<string>();
  readonly #setAside: SetAside;
  #submitting = 0;
  /** Submits that wait for their mark, and will take a carrier's room. */
  readonly #marking = new Map<Carrier, number>();
  readonly #reserved = (carrier: Carrier): number => this.#marking.get(carrier) ?? 0;
  readonly #isPaused = ({ id }: Carrier): boolean => this.#options.isPaused(id);
  #unrecorded = 0;
  #epoch = 0;
  #stopping = false;
  #idle: (() => void)[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#turn = new Turn(submitsATurn(options.engines), () => this.pump());
    this.#setAside = new SetAside({ log: options.log, record: options.record, count: options.countSetAside });
    this.#lanes = new Lanes(options);
  }

  get buffered(): number {
    return this.#buffered.size;
  }

  /** A message that waits for its submit; undefined if it does not, or is under way. */
  find(id: string): ReturnType<Lanes["find"]> {
    return this.#lanes.find(id);
  }

  has(id: string): boolean {
    return this.#buffered.has(id) || this.#setAside.has(id);
  }

  /**
   * Takes messages that are leased to this node. Returns the ids of those that are still in memory, because an earlier
   * outcome of theirs is not committed yet.
   */
  take(messages: readonly WaitingMessage[]): string[] {
    const { optOuts } = this.#options;
    const suspects: WaitingMessage[] = [];
    const buffered: string[] = [];
    // Messages that come amid a stop stay this node's until it leaves the store.
    if (this.#stopping) return buffered;
    for (const message of messages) {
      if (this.has(message.id)) {
        buffered.push(message.id);
        continue;
      }
      this.#buffered.add(message.id);
      if (optOuts.mayConcern(message.accountId)) suspects.push(message);
      else this.#enqueue(message);
    }
    if (suspects.length > 0) void this.#screen(suspects);
    this.pump();
    return buffered;
  }

  /** Fails messages to handsets that have opted out, and takes the rest. */
  async #screen(messages: readonly WaitingMessage[]): Promise<void> {
    const epoch = this.#epoch;
    try {
      const optedOut = await this.#options.optOuts.among(messages);
      for (const message of messages) {
        if (epoch !== this.#epoch) this.#buffered.delete(message.id);
        else if (optedOut.has(message)) this.#finish(message, OPTED_OUT);
        else this.#enqueue(message);
      }
      this.pump();
    } catch (error) {
      warnOf(this.#options.log, asError(error), "opt-outs could not be read; the messages are claimed again");
      for (const { id } of messages) this.#buffered.delete(id);
    }
  }

  #enqueue(message: WaitingMessage): void {
    const lane = this.#lanes.of(message);
    const begun = message.begun !== undefined;
    if (begun) this.#options.countUncertain();
    if (begun && this.#options.onUncertain === "fail") this.#finish(message, OUTCOME_UNKNOWN);
    else if (lane === undefined) this.#fail(message, NO_ROUTE);
    else lane.queue.push(hasFallback(message) ? this.#timed(message) : queued(message, this.#epoch));
  }

  /** With the time of its channel. */
  #timed(message: WaitingMessage): Queued {
    const { clock, fallbackAfterMs } = this.#options;
    const { deliverBy, receiptBy } = channelTimes(clock.now(), message.expiresAt, fallbackAfterMs);
    return { ...queued({ ...message, deliverBy }, this.#epoch), receiptBy };
  }

  /** Submits while there are messages and carriers with room: one of each lane in turn (`Lanes.turn`). */
  pump(): void {
    const { clock, holdsLease } = this.#options;
    if (this.#unrecorded >= MOST_UNRECORDED) return;
    const now = clock.now();
    for (let idle = 0; idle < this.#lanes.all.length && !this.#turn.isOver && holdsLease(); ) {
      idle = this.#sendNext(this.#lanes.turn(), now) ? 0 : idle + 1;
    }
  }

  /** Returns whether the lane had a message that could go. */
  #sendNext(lane: Lane, now: number): boolean {
    if (lane.queue.size === 0) return false;
    const carrier = carrierFor(lane, this.#isPaused, this.#reserved);
    if (carrier === undefined) return false;
    const queued = lane.queue.shift() as Queued;
    this.#turn.done();
    if (untilOf(queued) <= now) this.#fail(queued.message, queued.codeWhenOver);
    else this.#submit(carrier, queued, lane);
    return true;
  }

  /** Fails a message that waits, and that no carrier can have. Resolves with whether it is, once that is committed. */
  async cancel(id: string): Promise<boolean> {
    const found = this.find(id);
    if (found === undefined || found.queued.uncertain > 0 || found.queued.partly) return false;
    found.lane.queue.remove((queued) => queued === found.queued);
    const outcome = cancelled(found.queued.message);
    const error = await new Promise<Error | null>((resolve) => this.#record(outcome, resolve));
    if (error === null) return true;
    this.#buffered.delete(id);
    throw error;
  }

  /** Uses other routes and carriers from now on, also for waiting messages, beside another number of engines. */
  reroute(options: LanesOptions & Pick<SenderOptions, "engines">): void {
    this.#turn.most = submitsATurn(options.engines);
    const before = this.#lanes;
    this.#lanes = new Lanes(options);
    const waiting = before.all.flatMap(({ queue }) => queue.remove(() => true));
    for (const queued of waiting) this.#wait(queued, this.#lanes.of(queued.message));
    this.pump();
  }

  /** Fails waiting messages whose validity, or channel's time, is over. */
  sweepExpired(): void {
    const now = this.#options.clock.now();
    for (const { queue } of this.#lanes.all) {
      for (const { message, codeWhenOver } of queue.remove((queued) => untilOf(queued) <= now)) {
        this.#fail(message, codeWhenOver);
      }
    }
  }

  /**
   * Submits nothing new, waits for submits under way, and returns the ids of unsent messages. A long message of which a
   * carrier has some parts still gets the others: the next node would send all of them again.
   */
  async stop(): Promise<string[]> {
    this.#stopping = true;
    const unsent = this.#letGo(({ partly }) => !partly);
    this.pump();
    if (!this.#isDone) await new Promise<void>((resolve) => this.#idle.push(resolve));
    return unsent;
  }

  get #isDone(): boolean {
    return this.#submitting === 0 && this.#lanes.all.every(({ queue }) => queue.size === 0);
  }

  /** Drops all messages: other nodes may have them. Submits under way are still recorded, and not repeated. */
  abandon(): string[] {
    this.#epoch++;
    return this.#letGo(() => true);
  }

  #letGo(which: (queued: Queued) => boolean): string[] {
    const ids: string[] = [];
    for (const { queue } of this.#lanes.all) {
      for (const { message } of queue.remove(which)) {
        this.#buffered.delete(message.id);
        ids.push(message.id);
      }
    }
    return ids;
  }

  /** Callbacks from here on, because this runs once for every message. */
  #submit(carrier: Carrier, queued: Queued, lane: Lane): void {
    const intents = carrier.ignoresRepeats ? null : this.#options.intents;
    this.#submitting++;
    if (intents === null) {
      this.#give(carrier, queued, lane);
      return;
    }
    this.#mark(intents, carrier, queued.message.id).then(
      (marked) => (marked ? this.#give(carrier, queued, lane) : this.#left(queued)),
      (error: unknown) => {
        this.#options.log.error({ err: asError(error), message: queued.message.id }, "a submit could not be noted");
        this.#left(queued);
      },
    );
  }

  #give(carrier: Carrier, queued: Queued, lane: Lane): void {
    // Meanwhile its room, or the right to submit it, may have gone.
    const mayGo = carrier.free > 0 && queued.epoch === this.#epoch;
    if (mayGo) carrier.submit(queued.message, (submission) => this.#answered(carrier, queued, lane, submission));
    else queueMicrotask(() => this.#answered(carrier, queued, lane, NOT_TAKEN));
  }

  #answered(carrier: Carrier, queued: Queued, lane: Lane, submission: Submission): void {
    this.#unrecorded++;
    // Its slot is free before its outcome is committed.
    this.pump();
    this.#conclude(carrier, queued, lane, submission, (error) => {
      this.#unrecorded--;
      if (this.#unrecorded === MOST_UNRECORDED - 1) this.pump();
      if (error === null) this.#over();
      else this.#setAside.refused(queued.message, carrier, submission, error, () => this.#left(queued));
    });
  }

  #left({ message }: Queued): void {
    this.#buffered.delete(message.id);
    this.#over();
  }

  #over(): void {
    this.#submitting--;
    if (this.#isDone) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** @param done called once the result is committed, or the message is put back: with null, or with the error */
  #conclude(
    carrier: Carrier,
    queued: Queued,
    lane: Lane,
    submission: Submission,
    done: (error: Error | null) => void,
  ): void {
    const { message } = queued;
    const { number } = carrier;
    const now = this.#options.clock.now();
    switch (submission.kind) {
      case "submitted":
        this.#record(submitted(queued, number, submission.ids, saidOf(message, submission, number, now, "fail")), done);
        return;
      case "refused": {
        const goesOn = this.#lanes.goesOn(carrier, queued, lane, submission);
        const end = goesOn ? "carrier" : this.#mayFallBack(message) ? "channel" : "fail";
        keepSaid(message, submission, number, now, end);
        if (goesOn) break;
        if (end === "channel") void this.#fallBack(message, queued.epoch).then(() => done(null));
        else this.#record(failed(message, submission.code, number), done);
        return;
      }
      case "later": {
        // After a submit that may have arrived, no later answer says that it did not.
        if (queued.uncertain === 0) queued.codeWhenOver = submission.code ?? queued.codeWhenOver;
        queued.partly = submission.partly === true;
        const goesOn = this.#lanes.goesOn(carrier, queued, lane, submission);
        keepSaid(message, submission, number, now, goesOn ? "carrier" : "later");
        break;
      }
      case "uncertain":
        this.#options.countUncertain();
        keepSaid(message, submission, number, now, "later");
        queued.uncertain++;
        queued.codeWhenOver = OUTCOME_UNKNOWN;
        if (this.#options.onUncertain !== "fail" && queued.uncertain < MAX_UNCERTAIN) break;
        this.#record(failed(message, OUTCOME_UNKNOWN, number), done);
        return;
    }
    const { intents } = this.#options;
    // The mark of a message of which the carrier has some parts stays.
    if (submission.kind === "uncertain" || queued.partly || intents === null || carrier.ignoresRepeats) {
      this.#putBack(queued, lane);
      done(null);
      return;
    }
    intents.note({ id: message.id, carrier: null }).then(
      () => {
        this.#putBack(queued, lane);
        done(null);
      },
      (error: unknown) => done(asError(error)),
    );
  }

  /** Whether the message is noted as about to be submitted, and still this node's to submit. */
  #mark(intents: NonNullable<SenderOptions["intents"]>, carrier: Carrier, id: string): Promise<boolean> {
    const waiting = this.#marking.get(carrier) ?? 0;
    this.#marking.set(carrier, waiting + 1);
    return intents.note({ id, carrier: carrier.number }).finally(() => {
      this.#marking.set(carrier, (this.#marking.get(carrier) as number) - 1);
    });
  }

  #putBack(queued: Queued, lane: Lane): void {
    if (queued.epoch !== this.#epoch || (this.#stopping && !queued.partly)) {
      // Dropped while it was under way: another node has it, or will once this one has left the store.
      this.#buffered.delete(queued.message.id);
      return;
    }
    this.#wait(queued, this.#lanes.has(lane) ? lane : this.#lanes.of(queued.message));
    this.pump();
  }

  #wait(queued: Queued, lane: Lane | undefined): void {
    if (lane === undefined) this.#fail(queued.message, NO_ROUTE);
    else this.#lanes.again(queued, lane).queue.putBack(queued);
  }

  /** Ends a message at its channel: the next one is tried, if there is one. */
  #fail(message: WaitingMessage, code: string): void {
    if (this.#mayFallBack(message)) void this.#fallBack(message, this.#epoch);
    else this.#finish(message, code);
  }

  #mayFallBack(message: WaitingMessage): boolean {
    return hasFallback(message) && message.expiresAt > this.#options.clock.now();
  }

  /** Goes on with the next channel, after the commit of the move. */
  async #fallBack(message: WaitingMessage, epoch: number): Promise<void> {
    const { fallBacks, log, onRoom } = this.#options;
    try {
      const moved = await fallBacks.note(fallBackRow(message.id, message.said ?? null, this.#options.clock.now()));
      if (moved && epoch === this.#epoch && !this.#stopping) {
        this.#enqueue(atFallback(message));
        this.pump();
        return;
      }
    } catch (error) {
      log.error({ err: asError(error), message: message.id }, "a fall-back was not recorded");
    }
    // Another node has it, or will once this one has left the store.
    this.#buffered.delete(message.id);
    onRoom();
  }

  #finish(message: WaitingMessage, code: string): void {
    const { id, begun } = message;
    this.#record(failed(message, code, begun ?? null), (err) => {
      if (err === null) return;
      this.#options.log.error({ err, message: id }, "the end of a message was not recorded");
      this.#buffered.delete(id);
    });
  }

  #record(outcome: SubmitOutcome, done: (error: Error | null) => void): void {
    const { record, log, onRoom } = this.#options;
    record(outcome, (recorded) => {
      if (recorded instanceof Error) {
        done(recorded);
        return;
      }
      const { id } = outcome;
      if (!recorded) log.warn({ message: id }, "a message was taken over meanwhile: its outcome here is dropped");
      this.#buffered.delete(id);
      onRoom();
      done(null);
    });
  }
}
