import type { RcsCarrierConfig } from "../../config/config.ts";
import type { AddressPolicy } from "../../network/address.ts";
import type { Clock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/errors.ts";
import { LastingFault } from "../../runtime/lasting-fault.ts";
import type { Logger } from "../../runtime/log.ts";
import { readServiceAccount } from "../../runtime/service-account.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import type { CarrierEvents, CarrierStatus, Submission, WatchedCarrier } from "../carrier.ts";
import { type HttpClient, httpClient } from "../http-client.ts";
import { Pace } from "../pace.ts";
import { Reachable } from "../reachable.ts";
import { withSaid } from "../with-said.ts";
import { agentMessageRequest, agentMessageVerdict } from "./agent-message.ts";
import { readEvent } from "./event.ts";
import { AccessToken } from "./token.ts";

export interface RcsCarrierOptions {
  config: RcsCarrierConfig;
  number: number;
  log: Logger;
  clock: Clock;
  events: CarrierEvents;
  policy: AddressPolicy;
}

/** After a request that got no answer, or no token, nothing is sent for so long, the longer the more there were. */
const REST_MS = [500, 1_000, 5_000, 15_000, 30_000];
/** Statuses of receipts that are committed (carrier.ts). */
const TAKEN = 0;

/**
 * RCS Business Messaging over its REST API. A submit is a request, under the message's own id, so that one whose answer
 * never came is simply made again. What becomes of it comes as an event to `POST /rcs/{id}` of any program on the store.
 */
export class RcsCarrier implements WatchedCarrier {
  readonly id: string;
  readonly number: number;
  readonly ignoresRepeats = true;
  readonly #options: RcsCarrierOptions;
  readonly #client: HttpClient;
  readonly #token: AccessToken;
  readonly #pace: Pace;
  readonly #away: LastingFault;
  readonly #noToken: LastingFault;
  readonly #tokenRefused: LastingFault;
  readonly #counts: CarrierStatus["counts"] = { submitted: 0, refused: 0, later: 0, uncertain: 0, received: 0 };
  readonly #underWay = new Set<Promise<void>>();
  readonly #reachable: Reachable;

  constructor(options: RcsCarrierOptions) {
    const { config, number, clock, events, policy } = options;
    this.id = config.id;
    this.number = number;
    this.#options = options;
    this.#reachable = new Reachable(clock, () => events.onFree());
    const log = options.log.child({ carrier: config.id });
    const endsWhenQuiet = () => this.#reachable.isWell;
    this.#away = new LastingFault({ log, what: "no answer from the RCS platform", endsWhenQuiet });
    this.#noToken = new LastingFault({ log, what: "no access token for the RCS platform", endsWhenQuiet });
    this.#tokenRefused = new LastingFault({ log, what: "the RCS platform refused the access token" });
    this.#client = httpClient(policy, config.responseTimeout * 1_000);
    this.#token = new AccessToken(readServiceAccount(config.credentialsFile), this.#client.post, clock);
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
      type: "rcs",
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
    if (config.clientToken === null) {
      log.warn(
        { carrier: this.id },
        "without a clientToken no events are taken: what is delivered by RCS is not known",
      );
    }
  }

  async close(timeoutMs: number): Promise<void> {
    this.#reachable.stop();
    this.#pace.stop();
    this.#away.stop();
    this.#noToken.stop();
    this.#tokenRefused.stop();
    const late = setTimeout(() => this.#client.close(), timeoutMs);
    await Promise.all(this.#underWay);
    clearTimeout(late);
    this.#client.close();
  }

  submit(message: WaitingMessage, done: (submission: Submission) => void): void {
    this.#pace.started();
    const submitting = this.#submit(message).then((submission) => {
      this.#underWay.delete(submitting);
      this.#counts[submission.kind]++;
      done(submission);
    });
    this.#underWay.add(submitting);
  }

  takeEvent(event: unknown): Promise<boolean> {
    this.#counts.received++;
    const delivery = readEvent(event);
    if (delivery === null) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#options.events.onDeliver(this, delivery, (status) => resolve(status === TAKEN));
    });
  }

  async #submit(message: WaitingMessage): Promise<Submission> {
    let missing = this.#noToken;
    try {
      const { url, body } = agentMessageRequest(message, this.#options.config, this.#options.clock.now());
      const token = await this.#token.get();
      missing = this.#away;
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const startedAt = this.#options.clock.now();
      const { status } = await this.#client.post(url, headers, body);
      this.#reachable.answered(status);
      const submission = this.#conclude(message, token, status);
      return withSaid(submission, this.#options.clock.now() - startedAt, `HTTP ${status}`);
    } catch (error) {
      this.#pace.dropped();
      this.#reachable.rest(missing, REST_MS, { err: asError(error) });
      return { kind: "later", code: null };
    }
  }

  #conclude({ id }: WaitingMessage, token: string, status: number): Submission {
    const verdict = agentMessageVerdict(status);
    switch (verdict.kind) {
      case "accepted":
        this.#pace.answered();
        return { kind: "submitted", ids: [id] };
      case "refused":
        this.#pace.answered();
        return verdict;
      case "unauthorized":
        this.#tokenRefused.happened();
        this.#token.forget(token);
        this.#pace.slowDown("throttled");
        return { kind: "later", code: "54" };
      case "later":
        this.#pace.slowDown(verdict.code === "20" ? "throttled" : "queue_full");
        return verdict;
    }
  }
}
