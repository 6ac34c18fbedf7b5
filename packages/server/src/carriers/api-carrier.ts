import type { CarrierConfig } from "../config/config.ts";
import type { AddressPolicy } from "../network/address.ts";
import type { Clock } from "../runtime/clock.ts";
import { LastingFault, type LastingFaultOptions } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import type { CarrierEvents, CarrierStatus, Delivery, Submission, WatchedCarrier } from "./carrier.ts";
import { type HttpClient, httpClient } from "./http-client.ts";
import { Pace } from "./pace.ts";
import { Reachable } from "./reachable.ts";

export interface ApiCarrierOptions<Config> {
  config: Config;
  number: number;
  log: Logger;
  clock: Clock;
  events: CarrierEvents;
  policy: AddressPolicy;
}

/** Pauses after requests that could not be made, in ms; each further one in a row is longer. */
export const REST_MS = [500, 1_000, 5_000, 15_000, 30_000];

/** command_status of what could not be committed and should come again (SMPP 3.4 §5.1.3). */
const ESME_RX_T_APPN = 0x64;

/** A carrier with an HTTP API: each message is one request, within a window and a throughput. */
export abstract class ApiCarrier<Config extends Extract<CarrierConfig, { type: "rcs" | "http" }>>
  implements WatchedCarrier
{
  readonly id: string;
  readonly number: number;
  abstract readonly ignoresRepeats: boolean;
  protected readonly config: Config;
  protected readonly clock: Clock;
  /** Names the carrier in each line. */
  protected readonly log: Logger;
  protected readonly client: HttpClient;
  protected readonly pace: Pace;
  protected readonly reachable: Reachable;
  protected readonly counts: CarrierStatus["counts"] = {
    submitted: 0,
    refused: 0,
    later: 0,
    uncertain: 0,
    received: 0,
  };
  readonly #events: CarrierEvents;
  readonly #underWay = new Set<Promise<void>>();
  readonly #faults: LastingFault[] = [];

  constructor({ config, number, log, clock, events, policy }: ApiCarrierOptions<Config>) {
    this.id = config.id;
    this.number = number;
    this.config = config;
    this.clock = clock;
    this.#events = events;
    this.log = log.child({ carrier: config.id });
    const { window, throughput, responseTimeout } = config;
    const onFree = () => events.onFree();
    this.reachable = new Reachable(clock, onFree);
    this.client = httpClient(policy, responseTimeout * 1_000);
    this.pace = new Pace({ window, throughput, clock, onFree });
  }

  /** Never rejects. */
  protected abstract request(message: WaitingMessage): Promise<Submission>;

  /** A fault that the log reports in a few lines while it lasts. @param what the log's words for it */
  protected fault(what: string, options: Omit<LastingFaultOptions, "log" | "what"> = {}): LastingFault {
    const fault = new LastingFault({ log: this.log, what, ...options });
    this.#faults.push(fault);
    return fault;
  }

  /** Resolves with whether a delivery is taken. One that is nobody's is: sent again, it would be nobody's either. */
  protected deliver(delivery: Delivery): Promise<boolean> {
    return new Promise((resolve) => {
      this.#events.onDeliver(this, delivery, (status) => resolve(status !== ESME_RX_T_APPN));
    });
  }

  get up(): boolean {
    return this.reachable.up;
  }

  get free(): number {
    return this.up ? this.pace.free : 0;
  }

  get slowed(): boolean {
    return this.pace.slowed;
  }

  get status(): CarrierStatus {
    const { window, underWay, slowed } = this.pace;
    return {
      id: this.id,
      type: this.config.type,
      state: this.up ? (slowed ? "slowed" : "up") : "down",
      ...this.reachable.status,
      window,
      under_way: underWay,
      throughput: this.config.throughput,
      counts: { ...this.counts },
    };
  }

  async start(): Promise<void> {
    this.reachable.start();
  }

  async close(timeoutMs: number): Promise<void> {
    this.reachable.stop();
    this.pace.stop();
    for (const fault of this.#faults) fault.stop();
    const late = setTimeout(() => this.client.close(), timeoutMs);
    await Promise.all(this.#underWay);
    clearTimeout(late);
    this.client.close();
  }

  submit(message: WaitingMessage, done: (submission: Submission) => void): void {
    this.pace.started();
    const submitting = this.request(message).then((submission) => {
      this.#underWay.delete(submitting);
      this.counts[submission.kind]++;
      done(submission);
    });
    this.#underWay.add(submitting);
  }
}
