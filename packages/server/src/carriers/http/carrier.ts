import type { HttpCarrierConfig } from "../../config/carriers.ts";
import type { AddressPolicy } from "../../network/address.ts";
import type { Clock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/errors.ts";
import { LastingFault } from "../../runtime/lasting-fault.ts";
import type { Logger } from "../../runtime/log.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import type { CarrierEvents, CarrierStatus, Delivery, Submission, WatchedCarrier } from "../carrier.ts";
import { type HttpClient, type HttpRequest, httpClient, NotConnected } from "../http-client.ts";
import { Pace } from "../pace.ts";
import { Reachable } from "../reachable.ts";
import { withSaid } from "../with-said.ts";
import { answerVerdict, type HttpVerdict } from "./answer.ts";
import { type HttpEvent, inboundOf, receiptOf } from "./event.ts";
import { submitRequest } from "./submit.ts";

export interface HttpCarrierOptions {
  config: HttpCarrierConfig;
  number: number;
  log: Logger;
  clock: Clock;
  events: CarrierEvents;
  policy: AddressPolicy;
  /** Where its receipts are to come. */
  receiptUrl(): string;
}

/** After a request that could not be made nothing is sent for so long, the longer the more there were. */
const REST_MS = [500, 1_000, 5_000, 15_000, 30_000];
/** As for a bind that is refused: credentials that are set right at the provider need no restart. */
const UNAUTHORIZED_REST_MS = [1_000, 5_000, 30_000, 60_000];
/** A server's own fault (500) with one message is tried again this often. */
const MAX_TEMPORARY = 8;
const SYSTEM_ERROR = "32";
/** It cannot be written as a request. */
const MALFORMED = "52";
/** command_status of what could not be committed, and is to come again (SMPP 3.4 §5.1.3). */
const ESME_RX_T_APPN = 0x64;

/**
 * A carrier that is reached by an HTTP API: each message is a request, put together from the operator's templates. What
 * becomes of it comes as requests to `/carriers/{id}/receipts` of any program on the store.
 */
export class HttpCarrier implements WatchedCarrier {
  readonly id: string;
  readonly number: number;
  readonly ignoresRepeats = false;
  readonly #options: HttpCarrierOptions;
  readonly #client: HttpClient;
  readonly #pace: Pace;
  readonly #away: LastingFault;
  readonly #unauthorized: LastingFault;
  readonly #refused: LastingFault;
  readonly #unanswered: LastingFault;
  readonly #asksLater: LastingFault;
  readonly #withoutId: LastingFault;
  readonly #unreadable: LastingFault;
  readonly #unknownState: LastingFault;
  readonly #counts: CarrierStatus["counts"] = { submitted: 0, refused: 0, later: 0, uncertain: 0, received: 0 };
  readonly #underWay = new Set<Promise<void>>();
  /** Of messages that came back: faults of the server's; gone with them. */
  readonly #temporary = new WeakMap<WaitingMessage, number>();
  readonly #reachable: Reachable;

  constructor(options: HttpCarrierOptions) {
    const { config, number, clock, events, policy } = options;
    this.id = config.id;
    this.number = number;
    this.#options = options;
    const log = options.log.child({ carrier: config.id });
    this.#reachable = new Reachable(clock, () => events.onFree());
    const endsWhenQuiet = () => this.#reachable.isWell;
    this.#away = new LastingFault({ log, what: "no connection to the carrier's API", endsWhenQuiet });
    const refusedIt = "the carrier's API refused the credentials";
    this.#unauthorized = new LastingFault({ log, what: refusedIt, level: "error", endsWhenQuiet });
    this.#refused = new LastingFault({ log, what: "the carrier's API refused a message" });
    this.#unanswered = new LastingFault({ log, what: "no answer from the carrier's API to a submit" });
    this.#asksLater = new LastingFault({ log, what: "the carrier's API asks to send a message again later" });
    this.#withoutId = new LastingFault({ log, what: "an accepted message has no id where accepted.id looks for it" });
    this.#unreadable = new LastingFault({ log, what: "what the carrier's API sent has not all fields; it is left" });
    this.#unknownState = new LastingFault({ log, what: "a receipt has a state that receipts.states does not name" });
    this.#client = httpClient(policy, config.responseTimeout * 1_000);
    const { window, throughput } = config;
    this.#pace = new Pace({ window, throughput, clock, onFree: () => events.onFree() });
  }

  get up(): boolean {
    return this.#reachable.up;
  }

  get free(): number {
    return this.up ? this.#pace.free : 0;
  }

  get slowed(): boolean {
    return this.#pace.slowed;
  }

  get status(): CarrierStatus {
    const { window, underWay, slowed } = this.#pace;
    return {
      id: this.id,
      type: "http",
      state: this.up ? (slowed ? "slowed" : "up") : "down",
      ...this.#reachable.status,
      window,
      under_way: underWay,
      throughput: this.#options.config.throughput,
      counts: { ...this.#counts },
    };
  }

  async start(): Promise<void> {
    const { config, log } = this.#options;
    this.#reachable.start();
    if (config.receipts.id === null) {
      log.warn(
        { carrier: this.id },
        "without receipts of its own it is not known what becomes of this carrier's messages",
      );
    } else if (config.auth === null) {
      log.warn({ carrier: this.id }, "without auth whoever knows the URL can send receipts for this carrier");
    }
  }

  async close(timeoutMs: number): Promise<void> {
    this.#reachable.stop();
    this.#pace.stop();
    for (const fault of [this.#away, this.#unauthorized, this.#refused, this.#unanswered]) fault.stop();
    this.#asksLater.stop();
    for (const fault of [this.#withoutId, this.#unreadable, this.#unknownState]) fault.stop();
    const late = setTimeout(() => this.#client.close(), timeoutMs);
    await Promise.all(this.#underWay);
    clearTimeout(late);
    this.#client.close();
  }

  submit(message: WaitingMessage, done: (submission: Submission) => void): void {
    if (message.coded !== undefined && message.coded.octets !== null) {
      this.#counts.refused++;
      queueMicrotask(() => done({ kind: "refused", code: MALFORMED, other: true }));
      return;
    }
    this.#pace.started();
    const submitting = this.#submit(message).then((submission) => {
      this.#underWay.delete(submitting);
      this.#counts[submission.kind]++;
      done(submission);
    });
    this.#underWay.add(submitting);
  }

  /** Resolves with false where something of it could not be committed: it is to come again, whole. */
  async takeEvent(event: unknown): Promise<boolean> {
    const { kind, items } = event as HttpEvent;
    this.#counts.received += items.length;
    const deliveries = kind === "receipts" ? items.map((item) => this.#receiptOf(item)) : items.map(inboundOf);
    const taken = await Promise.all(
      deliveries.map((delivery) => {
        if (delivery !== null) return this.#deliver(delivery);
        this.#unreadable.happened({ kind });
        return true;
      }),
    );
    return taken.every(Boolean);
  }

  #receiptOf(item: Parameters<typeof receiptOf>[0]): Delivery | null {
    const read = receiptOf(item, this.#options.config);
    if (read === null) return null;
    const { known, ...delivery } = read;
    if (!known) this.#unknownState.happened({ state: item.state });
    return delivery;
  }

  #deliver(delivery: Delivery): Promise<boolean> {
    return new Promise((resolve) => {
      // A text to a number that is nobody's is taken too: to send it again would change nothing.
      this.#options.events.onDeliver(this, delivery, (status) => resolve(status !== ESME_RX_T_APPN));
    });
  }

  async #submit(message: WaitingMessage): Promise<Submission> {
    const { config, clock, receiptUrl } = this.#options;
    let request: HttpRequest;
    try {
      request = submitRequest(message, config, receiptUrl(), clock.now());
    } catch (error) {
      this.#pace.dropped();
      this.#refused.happened({ err: asError(error), message: message.id });
      return withSaid({ kind: "refused", code: MALFORMED }, 0, null);
    }
    const startedAt = clock.now();
    try {
      const answer = await this.#client.ask(request);
      const verdict = answerVerdict(answer, config, clock.now());
      const error = verdict.kind === "refused" && verdict.error !== null ? ` ${verdict.error}` : "";
      const submission = this.#conclude(message, verdict, answer.status);
      return withSaid(submission, clock.now() - startedAt, `HTTP ${answer.status}${error}`);
    } catch (error) {
      if (error instanceof NotConnected) {
        this.#pace.dropped();
        this.#reachable.rest(this.#away, REST_MS, { err: asError(error.cause) });
        return { kind: "later", code: null };
      }
      if ((error as Error).name === "AbortError" || (error as Error).name === "TimeoutError") this.#pace.unanswered();
      else this.#pace.dropped();
      this.#unanswered.happened({ err: asError(error) });
      return withSaid({ kind: "uncertain" }, clock.now() - startedAt, null);
    }
  }

  #conclude(message: WaitingMessage, verdict: HttpVerdict, status: number): Submission {
    if (verdict.kind !== "unauthorized") this.#reachable.answered(status);
    switch (verdict.kind) {
      case "accepted":
        this.#pace.answered();
        if (verdict.ids?.includes(null)) this.#withoutId.happened({ message: message.id });
        return { kind: "submitted", ids: verdict.ids ?? [message.id] };
      case "refused":
        this.#pace.answered();
        this.#refused.happened({ error: verdict.error, code: verdict.code, message: message.id });
        return { kind: "refused", code: verdict.code };
      case "unauthorized":
        this.#pace.dropped();
        this.#reachable.rest(this.#unauthorized, UNAUTHORIZED_REST_MS, {}, status);
        return { kind: "later", code: null };
      case "uncertain":
        this.#pace.slowDown("queue_full");
        this.#unanswered.happened({ err: new Error("a gateway before it had none") });
        return { kind: "uncertain" };
      case "later": {
        this.#pace.slowDown(verdict.reason, verdict.pauseMs);
        this.#asksLater.happened({ error: verdict.error });
        const times = (this.#temporary.get(message) ?? 0) + Number(verdict.counted);
        if (times > MAX_TEMPORARY) return { kind: "refused", code: SYSTEM_ERROR };
        this.#temporary.set(message, times);
        return { kind: "later", code: verdict.code, throttled: verdict.reason === "throttled" };
      }
    }
  }
}
