import { createConnection, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodePdu, type Fields, type Pdu, type PduInput, PduParser, type RequestCommand } from "@messaging-plus/smpp";
import { within } from "./until.ts";

export interface EsmeOptions {
  /** What a deliver_sm is answered with; null: it is not answered. Default 0. */
  onDeliver?: (pdu: Pdu & { command: "deliver_sm" }) => number | null;
  tls?: { ca: Buffer; cert?: Buffer; key?: Buffer };
  /** The address that it connects from; 127.0.0.1 unless given. */
  localAddress?: string;
}

/** A customer's software at its barest: every PDU is the test's to send and to look at. */
export class Esme {
  /** Everything that came, in order. */
  readonly received: Pdu[] = [];
  readonly delivered: (Pdu & { command: "deliver_sm" })[] = [];
  /** Whatever else came of the server's own accord, by command. */
  readonly requests: Pdu[] = [];
  readonly closed: Promise<void>;
  /** Whether what the server asks, an enquire_link or unbind, is answered. */
  answers = true;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (pdu: Pdu) => void>();
  #sequence = 0;

  constructor(socket: Socket, { onDeliver = () => 0 }: EsmeOptions) {
    this.#socket = socket;
    const parser = new PduParser();
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
    socket.on("data", (chunk: Buffer) => {
      for (const { pdu } of parser.push(chunk)) if (pdu !== undefined) this.#received(pdu, onDeliver);
    });
  }

  static async connect(port: number, options: EsmeOptions = {}): Promise<Esme> {
    const { tls, localAddress = "127.0.0.1" } = options;
    const socket =
      tls === undefined
        ? createConnection({ port, host: "127.0.0.1", localAddress })
        : connectTls({ port, host: "127.0.0.1", ...tls, checkServerIdentity: () => undefined });
    const esme = new Esme(socket, options);
    await within(
      "a connection over SMPP",
      new Promise((resolve, reject) => {
        socket.once(tls === undefined ? "connect" : "secureConnect", resolve);
        socket.once("error", reject);
      }),
    );
    return esme;
  }

  /** Sends a request; resolves with its answer. */
  ask<C extends RequestCommand>(command: C, fields: Fields<C> = {}): Promise<Pdu & { message_id?: string }> {
    const sequence_number = ++this.#sequence;
    const answer = this.answerTo(sequence_number);
    this.send({ command, sequence_number, ...fields } as PduInput);
    return within(`an answer to ${command}`, answer);
  }

  /** The answer to what is sent by other means. */
  answerTo(sequence_number: number): Promise<Pdu> {
    return new Promise((resolve) => this.#waiting.set(sequence_number, resolve));
  }

  bind(
    { system_id, password }: { system_id: string; password: string },
    command: "bind_transceiver" | "bind_transmitter" | "bind_receiver" = "bind_transceiver",
    interface_version = 0x34,
  ): Promise<Pdu> {
    return this.ask(command, { system_id, password, interface_version });
  }

  send(pdu: PduInput): void {
    this.#socket.write(encodePdu(pdu));
  }

  write(octets: Uint8Array | string): void {
    this.#socket.write(octets);
  }

  /** Writes, and waits until the server has taken most of it, or has closed the connection. */
  async poured(octets: Uint8Array): Promise<void> {
    if (this.#socket.write(octets)) return;
    await Promise.race([new Promise<void>((resolve) => this.#socket.once("drain", resolve)), this.closed]);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  pause(): void {
    this.#socket.pause();
  }

  get localPort(): number {
    return this.#socket.localPort as number;
  }

  end(): void {
    this.#socket.destroy();
  }

  #received(pdu: Pdu, onDeliver: NonNullable<EsmeOptions["onDeliver"]>): void {
    this.received.push(pdu);
    if (pdu.command === "deliver_sm") {
      this.delivered.push(pdu);
      const command_status = onDeliver(pdu);
      if (command_status !== null) {
        this.send({ command: "deliver_sm_resp", sequence_number: pdu.sequence_number, command_status });
      }
      return;
    }
    if (pdu.command === "enquire_link" || pdu.command === "unbind") {
      this.requests.push(pdu);
      if (this.answers) this.send({ command: `${pdu.command}_resp`, sequence_number: pdu.sequence_number });
      return;
    }
    this.#waiting.get(pdu.sequence_number)?.(pdu);
    this.#waiting.delete(pdu.sequence_number);
  }
}
