import type { SmppDelivered, SmppDelivery } from "../notify/smpp/deliveries.ts";
import { InOneTurn } from "../runtime/in-one-turn.ts";
import type { AnsweredDelivery, AskedDelivery } from "./protocol.ts";

interface Waiting {
  batch: InOneTurn<AskedDelivery>;
  /** By request. */
  resolves: Map<number, (delivered: SmppDelivered) => void>;
}

/**
 * Deliveries over SMPP that wait for the answer of an accepting process. It answers each: a customer has ten seconds, and as
 * long for room in its window; and a process that answers nothing is ended.
 */
export class DeliveryBatches<Holder> {
  readonly #send: (holder: Holder, deliveries: readonly AskedDelivery[]) => void;
  readonly #holders = new Map<Holder, Waiting>();
  #next = 0;

  constructor(send: (holder: Holder, deliveries: readonly AskedDelivery[]) => void) {
    this.#send = send;
  }

  deliver(holder: Holder, delivery: SmppDelivery): Promise<SmppDelivered> {
    const request = ++this.#next;
    const { batch, resolves } = this.#of(holder);
    batch.add({ request, delivery });
    return new Promise((resolve) => resolves.set(request, resolve));
  }

  answered(holder: Holder, answers: readonly AnsweredDelivery[]): void {
    const { resolves } = this.#of(holder);
    for (const { request, delivered } of answers) {
      resolves.get(request)?.(delivered);
      resolves.delete(request);
    }
  }

  /** The process is gone: nobody knows whether its customers got what it was asked for. */
  gone(holder: Holder): void {
    const waiting = this.#holders.get(holder);
    this.#holders.delete(holder);
    for (const resolve of waiting?.resolves.values() ?? []) resolve("timeout");
  }

  #of(holder: Holder): Waiting {
    let waiting = this.#holders.get(holder);
    if (waiting === undefined) {
      const batch = new InOneTurn<AskedDelivery>((deliveries) => this.#send(holder, deliveries));
      waiting = { batch, resolves: new Map() };
      this.#holders.set(holder, waiting);
    }
    return waiting;
  }
}
