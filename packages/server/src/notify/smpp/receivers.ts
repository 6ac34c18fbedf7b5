import type { Pool } from "pg";
import { type Endpoint, EndpointMap } from "../../message/endpoint.ts";
import { receiversElsewhere, tellReceivers } from "../../store/nodes.ts";

export interface ReceiversOptions {
  pool: Pool;
  /** This node's number now. */
  node(): number;
  /** How long another node may be silent, in ms, before its binds count as gone. */
  silenceMs: number;
}

/**
 * The endpoints of customers who receive over SMPP, by the programs that they are bound to: a program delivers over its own
 * binds, and leaves the webhooks of customers who are bound at others only to these.
 */
export class Receivers {
  readonly #options: ReceiversOptions;
  #here = new EndpointMap<Endpoint>();
  #elsewhere: Endpoint[] = [];
  #hasLooked = false;
  /** The node and the endpoints that the store has of this program. */
  #told: { node: number; here: EndpointMap<Endpoint> } | undefined;

  constructor(options: ReceiversOptions) {
    this.#options = options;
  }

  /** Those bound to this program. */
  get here(): Endpoint[] {
    return [...this.#here.values()];
  }

  /** Those bound to other programs, and not to this one, at the last look. */
  get elsewhere(): readonly Endpoint[] {
    return this.#elsewhere;
  }

  isHere(endpoint: Endpoint): boolean {
    return this.#here.has(endpoint);
  }

  set here(endpoints: readonly Endpoint[]) {
    const here = new EndpointMap<Endpoint>();
    for (const endpoint of endpoints) here.set(endpoint, endpoint);
    this.#here = here;
    this.#elsewhere = this.#elsewhere.filter((endpoint) => !here.has(endpoint));
  }

  /** Tells the other programs what has changed here. Returns whether anything had. */
  async tell(): Promise<boolean> {
    const { pool, node: number } = this.#options;
    const [node, here] = [number(), this.#here];
    const before = this.#told;
    if (before?.node === node && before.here === here) return false;
    // A node without any is entered so.
    if (before?.node !== node && here.size === 0) return false;
    await tellReceivers(pool, node, [...here.values()]);
    this.#told = { node, here };
    return true;
  }

  /**
   * Looks who is bound elsewhere. Returns those who have bound since the look before, and whether some have gone: their
   * webhooks are for anybody again.
   */
  async look(): Promise<{ bound: Endpoint[]; isFewer: boolean }> {
    const { pool, node, silenceMs } = this.#options;
    const found = await receiversElsewhere(pool, node(), silenceMs);
    const elsewhere = new EndpointMap<Endpoint>();
    for (const endpoint of found) if (!this.#here.has(endpoint)) elsewhere.set(endpoint, endpoint);
    const before = new EndpointMap<Endpoint>();
    for (const endpoint of this.#elsewhere) before.set(endpoint, endpoint);
    const isFewer = this.#elsewhere.some((endpoint) => !elsewhere.has(endpoint));
    this.#elsewhere = [...elsewhere.values()];
    const bound = this.#hasLooked ? this.#elsewhere.filter((endpoint) => !before.has(endpoint)) : [];
    this.#hasLooked = true;
    return { bound, isFewer };
  }
}
