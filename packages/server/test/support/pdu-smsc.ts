import { once } from "node:events";
import * as net from "node:net";
import { encodePdu, type Fields, type Pdu, type PduInput, PduParser, type SubmitSm } from "@messaging-plus/smpp";
import { readSubmit, receiptFields } from "./smsc-pdus.ts";
import { until } from "./until.ts";

/** A submit_sm as it came in, and what can be done about it. */
export interface Submit {
  pdu: SubmitSm;
  link: SmscLink;
  /** Which submit this is, of all links, from 1. */
  count: number;
  /** Epoch milliseconds. */
  at: number;
  /** Which part of its message; 1 where it is whole. */
  part: number;
  /** Takes it, under this id. */
  take(message_id?: string): void;
  refuse(command_status: number): void;
  /** A receipt that it is delivered, or what `fields` say instead. */
  receipt(message_id: string, stat?: string): void;
}

/** One connection of an ESME, in whose name nothing is answered but binds, enquire_link, unbind and what a test answers. */
export class SmscLink {
  readonly socket: net.Socket;
  readonly received: Pdu[] = [];
  bound = false;
  closed = false;
  /** Answers nothing any more. */
  silent = false;
  readonly #parser = new PduParser();

  constructor(socket: net.Socket, take: (pdu: Pdu) => void) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.bound = false;
    });
    socket.on("data", (chunk: Buffer) => {
      for (const { pdu, fault } of this.#parser.push(chunk)) {
        if (fault !== undefined) throw fault;
        this.received.push(pdu);
        if (!this.silent) take(pdu);
      }
    });
  }

  write(...pdus: PduInput[]): void {
    this.octets(Buffer.concat(pdus.map((pdu) => encodePdu(pdu))));
  }

  octets(octets: Uint8Array): void {
    if (!this.closed) this.socket.write(octets);
  }

  /** Sends the first `length` octets of a PDU and then cuts the connection. */
  cutWithin(pdu: PduInput, length: number): void {
    this.socket.end(encodePdu(pdu).subarray(0, length));
    this.socket.once("finish", () => this.socket.destroy());
  }

  cut(): void {
    this.socket.destroy();
  }

  count(command: Pdu["command"]): number {
    return this.received.filter((pdu) => pdu.command === command).length;
  }
}

/** An SMSC on a loopback port of which a test decides every PDU. */
export class Smsc {
  readonly links: SmscLink[] = [];
  readonly submits: Submit[] = [];
  /** What to do with a submit. Default: takes it and sends a receipt that it is delivered. */
  onSubmit: (submit: Submit) => void = (submit) => {
    const id = this.newId();
    submit.take(id);
    submit.receipt(id);
  };
  /** The command_status of the answer to a bind; undefined where it is not answered. */
  onBind: (link: SmscLink) => number | undefined = () => 0;
  /** Called with each connection before anything else. */
  onConnection: (link: SmscLink) => void = () => {};
  readonly #server = net.createServer({ noDelay: true }, (socket) => this.#accept(socket));
  #ids = 0;
  #sequenceNumber = 1_000_000;

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const link of this.links) link.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Never the same twice, in any test: receipts match by it. */
  newId(): string {
    return `${process.pid}-${(performance.timeOrigin + performance.now()).toFixed(3)}-${++this.#ids}`;
  }

  /** Links that are bound now. */
  get bound(): SmscLink[] {
    return this.links.filter((link) => link.bound);
  }

  /** Waits for this many submits; answers the last. */
  async submit(count: number): Promise<Submit> {
    return until(
      `submit ${count}`,
      () => this.submits[count - 1],
      () => this.submits.length,
    );
  }

  /** Waits for the link of this number, from 1, to be bound. */
  async link(number: number): Promise<SmscLink> {
    return until(`link ${number}`, () => {
      const link = this.links[number - 1];
      return link?.bound ? link : undefined;
    });
  }

  receipt(link: SmscLink, handset: string, message_id: string, stat = "DELIVRD"): void {
    link.write({
      command: "deliver_sm",
      sequence_number: ++this.#sequenceNumber,
      ...receipt(handset, message_id, stat),
    });
  }

  #accept(socket: net.Socket): void {
    const link: SmscLink = new SmscLink(socket, (pdu) => this.#received(link, pdu));
    this.links.push(link);
    this.onConnection(link);
  }

  #received(link: SmscLink, pdu: Pdu): void {
    const { sequence_number } = pdu;
    switch (pdu.command) {
      case "bind_transceiver":
      case "bind_transmitter":
      case "bind_receiver": {
        const command_status = this.onBind(link);
        if (command_status === undefined) return;
        link.bound = command_status === 0;
        link.write({ command: `${pdu.command}_resp`, command_status, sequence_number, system_id: "smsc" });
        return;
      }
      case "enquire_link":
        link.write({ command: "enquire_link_resp", sequence_number });
        return;
      case "unbind":
        link.bound = false;
        link.write({ command: "unbind_resp", sequence_number });
        link.socket.end();
        return;
      case "submit_sm":
        this.#submitted(link, pdu);
    }
  }

  #submitted(link: SmscLink, pdu: SubmitSm): void {
    const { sequence_number, destination_addr } = pdu;
    const submit: Submit = {
      pdu,
      link,
      count: this.submits.length + 1,
      at: Date.now(),
      part: readSubmit(pdu).part?.sequence ?? 1,
      take: (message_id = this.newId()) => link.write({ command: "submit_sm_resp", sequence_number, message_id }),
      refuse: (command_status) => link.write({ command: "submit_sm_resp", command_status, sequence_number }),
      receipt: (message_id, stat) => this.receipt(this.#receiver(link), destination_addr, message_id, stat),
    };
    this.submits.push(submit);
    this.onSubmit(submit);
  }

  /** The link itself where it takes receipts, else another that does. */
  #receiver(link: SmscLink): SmscLink {
    const takes = (candidate: SmscLink) => candidate.bound && candidate.received[0]?.command !== "bind_transmitter";
    return takes(link) ? link : (this.links.find(takes) ?? link);
  }
}

/** A receipt of a message that was sent from `MyShop`. */
export function receipt(handset: string, message_id: string, stat = "DELIVRD"): Fields<"deliver_sm"> {
  return { ...receiptFields(handset, { id: message_id, stat }), destination_addr: "MyShop" };
}
