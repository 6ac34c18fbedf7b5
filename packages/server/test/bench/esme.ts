import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A name and password to bind with, and how. */
export interface EsmeOptions {
  port: number;
  systemId: string;
  password: string;
  binds: number;
  window: number;
  /** registered_delivery of every submit. */
  registered: 0 | 1;
  /** Whether it keeps when receipts came. */
  arrivals?: boolean;
}

const DELIVER_SM = 0x05;
const SUBMIT_SM_RESP = 0x80000004;
const DELIVER_SM_RESP = 0x80000005;
const UNBIND = 0x06;
const ENQUIRE_LINK = 0x15;
const BIND_TRANSCEIVER = 0x09;
const ID = Buffer.from("id:");
const ID_LENGTH = 36;
const LIMIT_MS = 120_000;

function pdu(command: number, sequence: number, body: Buffer): Buffer {
  const whole = Buffer.allocUnsafe(16 + body.length);
  whole.writeUInt32BE(whole.length, 0);
  whole.writeUInt32BE(command, 4);
  whole.writeUInt32BE(0, 8);
  whole.writeUInt32BE(sequence, 12);
  body.copy(whole, 16);
  return whole;
}

/** One bind: no more than what a load needs of SMPP. */
class Bind {
  readonly socket: Socket;
  underWay = 0;
  #rest: Buffer = Buffer.alloc(0);
  readonly #answered: (sequence: number, status: number) => void;
  readonly #delivered: (deliverSm: Buffer) => void;
  readonly #free: (bind: Bind) => void;

  constructor(
    port: number,
    on: {
      answered: (sequence: number, status: number) => void;
      delivered: (deliverSm: Buffer) => void;
      free: (bind: Bind) => void;
    },
  ) {
    this.#answered = on.answered;
    this.#delivered = on.delivered;
    this.#free = on.free;
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("error", () => {});
  }

  async bind(systemId: string, password: string): Promise<void> {
    this.socket.write(pdu(BIND_TRANSCEIVER, 1, Buffer.from(`${systemId}\0${password}\0\0\x34\0\0\0`, "latin1")));
    const [answer] = (await once(this.socket, "data")) as [Buffer];
    if (answer.readUInt32BE(8) !== 0) throw new Error(`void: the bind was answered ${answer.readUInt32BE(8)}`);
    this.socket.on("data", (chunk) => this.#data(chunk));
  }

  #data(chunk: Buffer): void {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.socket.cork();
    let at = 0;
    while (octets.length - at >= 16) {
      const length = octets.readUInt32BE(at);
      if (octets.length - at < length) break;
      const command = octets.readUInt32BE(at + 4);
      const sequence = octets.readUInt32BE(at + 12);
      if (command === SUBMIT_SM_RESP) {
        this.underWay--;
        this.#answered(sequence, octets.readUInt32BE(at + 8));
      } else if (command === DELIVER_SM) {
        this.#delivered(octets.subarray(at, at + length));
        this.socket.write(pdu(DELIVER_SM_RESP, sequence, Buffer.from([0])));
      } else if (command === ENQUIRE_LINK || command === UNBIND) {
        this.socket.write(pdu(command + 0x80000000, sequence, Buffer.alloc(0)));
      }
      at += length;
    }
    this.#rest = octets.subarray(at);
    this.#free(this);
    this.socket.uncork();
  }
}

/** A customer over SMPP: submits, and counts its receipts. */
export class Esme {
  readonly #options: EsmeOptions;
  readonly #binds: Bind[];
  readonly #seen = new Set<string>();
  repeats = 0;
  /** When receipts came, by handset: epoch milliseconds with fractions. */
  readonly arrivals = new Map<string, number>();
  #sequence = 1;
  #answered: (sequence: number) => void = () => {};
  #free: (bind: Bind) => void = () => {};
  #refused = 0;

  constructor(options: EsmeOptions) {
    this.#options = options;
    this.#binds = Array.from(
      { length: options.binds },
      () =>
        new Bind(options.port, {
          answered: (sequence, status) => {
            if (status !== 0) this.#refused++;
            this.#answered(sequence);
          },
          delivered: (deliverSm) => this.#delivered(deliverSm),
          free: (bind) => this.#free(bind),
        }),
    );
  }

  async bind(): Promise<this> {
    for (const bind of this.#binds) await bind.bind(this.#options.systemId, this.#options.password);
    return this;
  }

  /** Receipts so far, none counted twice. */
  get receipts(): number {
    return this.#seen.size;
  }

  /** Submits `count` messages as fast as the windows allow. Resolves once all are answered; throws if one was refused. */
  async closedLoop(count: number, number: () => string): Promise<void> {
    let next = 0;
    let answered = 0;
    const refused = this.#refused;
    await this.#until((done) => {
      this.#answered = () => {
        if (++answered === count) done();
      };
      this.#free = (bind) => {
        for (; bind.underWay < this.#options.window && next < count; next++) this.#submit(bind, number(), next);
      };
      for (const bind of this.#binds) this.#free(bind);
    });
    this.#free = () => {};
    if (this.#refused > refused) throw new Error(`void: ${this.#refused - refused} submits were refused`);
  }

  /** Submits `rate` a second whatever the answers. Resolves with the time of each answer since it was due, in ms. */
  async openLoop(rate: number, count: number, number: () => string): Promise<number[]> {
    const times: number[] = [];
    const due = new Map<number, number>();
    const start = performance.now() + 50;
    await this.#until((done) => {
      this.#answered = (sequence) => {
        times.push(performance.now() - (due.get(sequence) ?? Number.NaN));
        if (times.length === count) done();
      };
      let index = 0;
      const tick = (): void => {
        for (; index < count && performance.now() >= start + (index / rate) * 1_000; index++) {
          due.set(
            this.#submit(this.#binds[index % this.#binds.length]!, number(), index),
            start + (index / rate) * 1_000,
          );
        }
        if (index < count) setTimeout(tick, 1);
      };
      tick();
    });
    if (this.#refused > 0) throw new Error(`void: ${this.#refused} submits were refused`);
    return times;
  }

  /** Resolves when so many receipts have come. */
  async arrived(receipts: number): Promise<void> {
    const giveUpAt = Date.now() + LIMIT_MS;
    while (this.#seen.size < receipts) {
      if (Date.now() > giveUpAt) throw new Error(`void: ${receipts - this.#seen.size} receipts are missing`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    for (const { socket } of this.#binds) socket.destroy();
  }

  #submit(bind: Bind, number: string, index: number): number {
    const sequence = ++this.#sequence;
    const text = `Your code is ${index}`;
    const head = `\0\x05\0Bench\0\x01\x01${number}\0\0\0\0\0\0`;
    const rest = String.fromCharCode(this.#options.registered, 0, 0, 0, text.length);
    bind.underWay++;
    bind.socket.write(pdu(0x04, sequence, Buffer.from(head + rest + text, "latin1")));
    return sequence;
  }

  #delivered(deliverSm: Buffer): void {
    const from = deliverSm.indexOf(ID) + ID.length;
    const id = deliverSm.toString("latin1", from, from + ID_LENGTH);
    if (this.#seen.has(id)) this.repeats++;
    this.#seen.add(id);
    if (this.#options.arrivals !== true) return;
    const number = deliverSm.toString("latin1", 19, deliverSm.indexOf(0, 19));
    this.arrivals.set(number, performance.timeOrigin + performance.now());
  }

  async #until(begin: (done: () => void) => void): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("void: answers are missing")), LIMIT_MS);
      begin(resolve);
    });
    clearTimeout(timer);
  }
}
