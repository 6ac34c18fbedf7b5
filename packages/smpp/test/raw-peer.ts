import { once } from "node:events";
import * as net from "node:net";
import { type Command, encodePdu, type Pdu, type PduInput, type PduOf, PduParser } from "../src/index.ts";

/** One end of a connection that does nothing by itself. */
export class RawPeer {
  readonly socket: net.Socket;
  readonly closed: Promise<void>;
  readonly #parser = new PduParser(1_000_000);
  readonly #received: Pdu[] = [];
  readonly #readers: ((pdu: Pdu) => void)[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      for (const { pdu } of this.#parser.push(chunk)) {
        if (pdu === undefined) throw new Error("the peer sent what is no PDU");
        const reader = this.#readers.shift();
        if (reader === undefined) this.#received.push(pdu);
        else reader(pdu);
      }
    });
  }

  /** The next PDU. */
  async nextOfAny(): Promise<Pdu> {
    return this.#received.shift() ?? new Promise((resolve) => this.#readers.push(resolve));
  }

  /** The next PDU, which must be of this command. */
  async next<C extends Command>(command: C): Promise<PduOf<C>> {
    const pdu = await this.nextOfAny();
    if (pdu.command !== command) throw new Error(`${command} was due, ${pdu.command} came`);
    return pdu as PduOf<C>;
  }

  write(...pdus: PduInput[]): void {
    this.socket.write(Buffer.concat(pdus.map((pdu) => encodePdu(pdu))));
  }

  /** Sends a request and gives the next PDU, which must be this answer. */
  async ask<C extends Command>(pdu: PduInput, answer: C): Promise<PduOf<C>> {
    this.write(pdu);
    return this.next(answer);
  }

  /** As an SMSC: takes the bind that is due. */
  async takeBind(command_status = 0): Promise<PduOf<"bind_transceiver">> {
    const bind = await this.next("bind_transceiver");
    this.write({ command: "bind_transceiver_resp", command_status, sequence_number: bind.sequence_number });
    return bind;
  }
}

/** An SMSC's socket of which the test plays the SMSC. */
export class RawSmsc {
  readonly #server = net.createServer({ noDelay: true });
  readonly #peers: RawPeer[] = [];
  readonly #waiting: RawPeer[] = [];
  readonly #takers: ((peer: RawPeer) => void)[] = [];

  constructor() {
    this.#server.on("connection", (socket) => {
      const peer = new RawPeer(socket);
      this.#peers.push(peer);
      const taker = this.#takers.shift();
      if (taker === undefined) this.#waiting.push(peer);
      else taker(peer);
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** The next connection. */
  async accept(): Promise<RawPeer> {
    return this.#waiting.shift() ?? new Promise((resolve) => this.#takers.push(resolve));
  }

  async close(): Promise<void> {
    for (const { socket } of this.#peers) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export async function rawEsme(port: number): Promise<RawPeer> {
  const socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  return new RawPeer(socket);
}
