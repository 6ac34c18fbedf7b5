import type { HttpCarrierConfig } from "../../config/carriers.ts";
import { asError } from "../../runtime/errors.ts";
import type { LastingFault } from "../../runtime/lasting-fault.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import { ApiCarrier, type ApiCarrierOptions, REST_MS } from "../api-carrier.ts";
import type { Delivery, Submission } from "../carrier.ts";
import { type HttpRequest, NotConnected } from "../http-client.ts";
import { withSaid } from "../with-said.ts";
import { answerVerdict, type HttpVerdict } from "./answer.ts";
import { type HttpEvent, inboundOf, type ReceiptItem, receiptOf } from "./event.ts";
import { submitRequest } from "./submit.ts";

export interface HttpCarrierOptions extends ApiCarrierOptions<HttpCarrierConfig> {
  /** The URL for its receipts. */
  receiptUrl(): string;
}

/** As after a refused bind: credentials corrected at the provider need no restart. */
const UNAUTHORIZED_REST_MS = [1_000, 5_000, 30_000, 60_000];
/** Most tries of one message after the server's own fault (500). */
const MAX_TEMPORARY = 8;
const SYSTEM_ERROR = "32";
/** The message cannot be written as a request. */
const MALFORMED = "52";

/**
 * A carrier with an HTTP API: each message is a request from the operator's templates. Receipts come as requests to
 * `/carriers/{id}/receipts` of any program on the store.
 */
export class HttpCarrier extends ApiCarrier<HttpCarrierConfig> {
  readonly ignoresRepeats = false;
  readonly #receiptUrl: () => string;
  readonly #away: LastingFault;
  readonly #unauthorized: LastingFault;
  readonly #refused: LastingFault;
  readonly #unanswered: LastingFault;
  readonly #asksLater: LastingFault;
  readonly #withoutId: LastingFault;
  readonly #unreadable: LastingFault;
  readonly #unknownState: LastingFault;
  /** The server's faults (500) by message that came back; they go with it. */
  readonly #temporary = new WeakMap<WaitingMessage, number>();

  constructor(options: HttpCarrierOptions) {
    super(options);
    this.#receiptUrl = options.receiptUrl;
    const endsWhenQuiet = () => this.reachable.isWell;
    this.#away = this.fault("no connection to the carrier's API", { endsWhenQuiet });
    this.#unauthorized = this.fault("the carrier's API refused the credentials", { level: "error", endsWhenQuiet });
    this.#refused = this.fault("the carrier's API refused a message");
    this.#unanswered = this.fault("no answer from the carrier's API to a submit");
    this.#asksLater = this.fault("the carrier's API asks to send a message again later");
    this.#withoutId = this.fault("an accepted message has no id where accepted.id looks for it");
    this.#unreadable = this.fault("a request of the carrier's API lacks fields; it is ignored");
    this.#unknownState = this.fault("a receipt has a state that receipts.states does not name");
  }

  override async start(): Promise<void> {
    await super.start();
    if (this.config.receipts.id === null) {
      this.log.warn("without receipts the fate of this carrier's messages stays unknown");
    } else if (this.config.auth === null) {
      this.log.warn("without auth everybody who knows the URL can send receipts for this carrier");
    }
  }

  override submit(message: WaitingMessage, done: (submission: Submission) => void): void {
    if (message.coded === undefined || message.coded.octets === null) {
      super.submit(message, done);
      return;
    }
    this.counts.refused++;
    queueMicrotask(() => done({ kind: "refused", code: MALFORMED, other: true }));
  }

  /** Resolves with false if a part of it could not be committed: the whole should come again. */
  async takeEvent(event: unknown): Promise<boolean> {
    const { kind, items } = event as HttpEvent;
    this.counts.received += items.length;
    const deliveries = kind === "receipts" ? items.map((item) => this.#receiptOf(item)) : items.map(inboundOf);
    const taken = await Promise.all(
      deliveries.map((delivery) => {
        if (delivery !== null) return this.deliver(delivery);
        this.#unreadable.happened({ kind });
        return true;
      }),
    );
    return taken.every(Boolean);
  }

  #receiptOf(item: ReceiptItem): Delivery | null {
    const read = receiptOf(item, this.config);
    if (read === null) return null;
    const { known, ...delivery } = read;
    if (!known) this.#unknownState.happened({ state: item.state });
    return delivery;
  }

  protected async request(message: WaitingMessage): Promise<Submission> {
    const { config, clock } = this;
    let request: HttpRequest;
    try {
      request = submitRequest(message, config, this.#receiptUrl(), clock.now());
    } catch (error) {
      this.pace.dropped();
      this.#refused.happened({ err: asError(error), message: message.id });
      return withSaid({ kind: "refused", code: MALFORMED }, 0, null);
    }
    const startedAt = clock.now();
    try {
      const answer = await this.client.ask(request);
      const verdict = answerVerdict(answer, config, clock.now());
      const error = verdict.kind === "refused" && verdict.error !== null ? ` ${verdict.error}` : "";
      const submission = this.#conclude(message, verdict, answer.status);
      return withSaid(submission, clock.now() - startedAt, `HTTP ${answer.status}${error}`);
    } catch (error) {
      if (error instanceof NotConnected) {
        this.pace.dropped();
        this.reachable.rest(this.#away, REST_MS, { err: asError(error.cause) });
        return { kind: "later", code: null };
      }
      if ((error as Error).name === "AbortError" || (error as Error).name === "TimeoutError") this.pace.unanswered();
      else this.pace.dropped();
      this.#unanswered.happened({ err: asError(error) });
      return withSaid({ kind: "uncertain" }, clock.now() - startedAt, null);
    }
  }

  #conclude(message: WaitingMessage, verdict: HttpVerdict, status: number): Submission {
    if (verdict.kind !== "unauthorized") this.reachable.answered(status);
    switch (verdict.kind) {
      case "accepted":
        this.pace.answered();
        if (verdict.ids?.includes(null)) this.#withoutId.happened({ message: message.id });
        return { kind: "submitted", ids: verdict.ids ?? [message.id] };
      case "refused":
        this.pace.answered();
        this.#refused.happened({ error: verdict.error, code: verdict.code, message: message.id });
        return { kind: "refused", code: verdict.code };
      case "unauthorized":
        this.pace.dropped();
        this.reachable.rest(this.#unauthorized, UNAUTHORIZED_REST_MS, {}, status);
        return { kind: "later", code: null };
      case "uncertain":
        this.pace.slowDown("queue_full");
        this.#unanswered.happened({ err: new Error("a gateway before it had none") });
        return { kind: "uncertain" };
      case "later": {
        this.pace.slowDown(verdict.reason, verdict.pauseMs);
        this.#asksLater.happened({ error: verdict.error });
        const times = (this.#temporary.get(message) ?? 0) + Number(verdict.counted);
        if (times > MAX_TEMPORARY) return { kind: "refused", code: SYSTEM_ERROR };
        this.#temporary.set(message, times);
        return { kind: "later", code: verdict.code, throttled: verdict.reason === "throttled" };
      }
    }
  }
}
