import { closedLoop, post } from "./load.ts";
import { cpuOf, FarEnd } from "./processes.ts";
import { Program } from "./program.ts";

const CONNECTIONS = 32;
/** Until then V8 still compiles what every message runs through: a twelfth of Node's time. */
const WARM_UP = 20_000;
/** Messages of a batch. */
export const BATCH = 1_000;

interface Modes {
  smsc?: string[];
  sink?: string[];
  /** Of the program's configuration. */
  settings?: Record<string, unknown>;
  /** The checkout whose program it is, built; without one, this. */
  checkout?: string;
}

/** A program between its far ends, warmed up. The numbers of its messages are never used twice. */
export class Side {
  smsc!: FarEnd;
  sink!: FarEnd;
  program!: Program;
  #next = 0;

  async start({ smsc = [], sink = [], settings = {}, checkout }: Modes = {}): Promise<this> {
    this.smsc = await new FarEnd("smsc", smsc).start();
    this.sink = await new FarEnd("sink", sink).start();
    this.program = await new Program(this.smsc.port, settings, process.execPath, checkout).start();
    await this.singles(WARM_UP);
    return this;
  }

  /**
   * Throws where the ledger does not balance.
   * @param overSmpp messages that came over SMPP: those with a receipt, those without, and receipts that were repeated
   */
  async stop(overSmpp = { told: 0, untold: 0, repeats: 0 }): Promise<void> {
    const { submits, receipts } = await this.smsc.counts();
    const { hooks, repeats } = await this.sink.counts();
    await this.program.stop();
    this.program.remove();
    this.smsc.stop();
    this.sink.stop();
    const told = hooks! + overSmpp.told + overSmpp.untold;
    if (submits !== receipts || receipts !== told || repeats! + overSmpp.repeats !== 0) {
      const over = JSON.stringify(overSmpp);
      throw new Error(`void: ${submits} submits, ${receipts} receipts, ${hooks} webhooks, ${repeats} repeats, ${over}`);
    }
  }

  /** A request with one message. */
  single(key = this.program.key): string {
    const index = this.#next++;
    const from = { type: "custom", value: "Bench" };
    const message = { from, to: to(index), body: `Your code is ${index}`, callback: this.#callback };
    return post(`/message?key=${key}`, JSON.stringify({ messages: [message] }));
  }

  batch(size: number): string {
    const destinations = Array.from({ length: size }, () => to(this.#next++));
    const body = { from: "Bench", message: "Hello", destinations, callback: this.#callback };
    return post(`/message?key=${this.program.key}`, JSON.stringify(body));
  }

  /** Resolves when their webhooks have come. */
  async singles(count: number): Promise<void> {
    await closedLoop(this.program.port, CONNECTIONS, count, () => this.single());
    await this.arrived();
  }

  /** The same of batches with `count` messages in all. */
  async batches(count: number): Promise<void> {
    await closedLoop(this.program.port, 4, count / BATCH, () => this.batch(BATCH));
    await this.arrived();
  }

  /** Resolves when the webhook of every message so far has come. */
  async arrived(): Promise<void> {
    await this.sink.arrived(this.#next);
  }

  cpu(): Record<string, number> {
    const { smsc, sink } = this;
    const ends = { smsc: cpuOf(smsc.process.pid!), sink: cpuOf(sink.process.pid!), load: cpuOf(process.pid) };
    return { ...this.program.cpu(), ...ends };
  }

  get #callback(): string {
    return `http://127.0.0.1:${this.sink.port}/`;
  }
}

/** The number of handset `index`. */
export function to(index: number): string {
  return String(447_700_000_000 + index);
}
