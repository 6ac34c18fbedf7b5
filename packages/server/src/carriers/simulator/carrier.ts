import type { Pool } from "pg";
import type { SimulatorConfig } from "../../config/config.ts";
import type { Clock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/errors.ts";
import type { Logger } from "../../runtime/log.ts";
import { warnOf } from "../../runtime/outages.ts";
import { outstandingMessages } from "../../store/messages/outstanding-messages.ts";
import type { WaitingMessage } from "../../store/messages/waiting-message.ts";
import type { CarrierEvents, CarrierStatus, Submission, WatchedCarrier } from "../carrier.ts";
import { SmppCarrier } from "../smpp.ts";
import { USUAL_LINK } from "../usual-link.ts";
import { SIMULATOR_RECEIPTS } from "./outcomes.ts";
import { SIMULATOR_NAME, SimulatedSmsc } from "./smsc.ts";

export interface SimulatorCarrierOptions {
  config: SimulatorConfig;
  number: number;
  pool: Pool;
  log: Logger;
  clock: Clock;
  events: CarrierEvents;
}

/** A carrier without handsets: our own SMSC in this process, over a loopback socket like any other. */
export class SimulatorCarrier implements WatchedCarrier {
  readonly id: string;
  readonly number: number;
  readonly ignoresRepeats = false;
  readonly #options: SimulatorCarrierOptions;
  readonly #smsc: SimulatedSmsc;
  #smpp: SmppCarrier | undefined;

  constructor(options: SimulatorCarrierOptions) {
    this.id = options.config.id;
    this.number = options.number;
    this.#options = options;
    this.#smsc = new SimulatedSmsc({ receiptDelayMs: options.config.receiptDelay * 1_000 });
  }

  get up(): boolean {
    return this.#smpp?.up ?? false;
  }

  get free(): number {
    return this.#smpp?.free ?? 0;
  }

  get slowed(): boolean {
    return this.#smpp?.slowed ?? false;
  }

  get status(): CarrierStatus {
    return { ...(this.#smpp as SmppCarrier).status, type: "simulator" };
  }

  async start(): Promise<void> {
    const { number, log, clock, events } = this.#options;
    const port = await this.#smsc.listen(0);
    this.#smpp = new SmppCarrier({
      config: simulatorLink(this.#options.config, port),
      number,
      log,
      clock,
      // Receipts come to the simulator's own bind, and count as this carrier's.
      events: {
        onFree: events.onFree,
        onDeliver: (_link, delivery, answer) => events.onDeliver(this, delivery, answer),
      },
      connect: undefined,
    });
    await this.#smpp.start();
    void this.#resume();
  }

  submit(message: WaitingMessage, done: (submission: Submission) => void): void {
    (this.#smpp as SmppCarrier).submit(message, done);
  }

  async close(timeoutMs: number): Promise<void> {
    await this.#smpp?.close(timeoutMs);
    await this.#smsc.close(timeoutMs);
  }

  async #resume(): Promise<void> {
    const { pool, clock, log } = this.#options;
    try {
      this.#smsc.resume(await outstandingMessages(pool, this.number), clock.now());
    } catch (error) {
      warnOf(log, asError(error), "the simulator could not read its outstanding receipts");
    }
  }
}

function simulatorLink(
  { id, nationalLanguages }: SimulatorConfig,
  port: number,
): ConstructorParameters<typeof SmppCarrier>[0]["config"] {
  return {
    id,
    host: "127.0.0.1",
    port,
    systemId: SIMULATOR_NAME,
    password: "",
    systemType: "",
    bind: "transceiver",
    binds: 1,
    window: 1_000,
    throughput: 0,
    tls: false,
    longMessages: "udh8",
    nationalLanguages,
    senderEncoding: "latin1",
    ...USUAL_LINK,
    ...SIMULATOR_RECEIPTS,
    responseTimeout: 10,
    enquireLink: 30,
  };
}
