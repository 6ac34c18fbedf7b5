import { EventEmitter } from "node:events";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import type { RequestCommand, RequestPdu, ResponseCommand } from "../codec/commands.ts";
import type { PduError } from "../codec/error.ts";
import type { Bind, DataSmResp, DeliverSmResp, Fields, Pdu, PduInput, PduOf, SubmitSm } from "../codec/pdu.ts";
import { commandStatus } from "../codec/status.ts";
import type { Tlvs } from "../codec/tlv.ts";
import { NotSent } from "../session/errors.ts";
import type { SessionOptions } from "../session/options.ts";
import { type Answer, type Answered, notSent, Session } from "../session/session.ts";

/** The answer to an ESME's request. A refusal needs the command_status only. */
export interface SubmitAnswer {
  command_status: number;
  message_id?: string;
  tlvs?: Tlvs;
}

/** Requests of an ESME other than bind and submit_sm. */
export type OtherRequest = Exclude<RequestPdu, Bind | SubmitSm | PduOf<"unbind" | "enquire_link">>;
export type OtherAnswer = { command_status: number } & Fields<ResponseCommand<OtherRequest["command"]>>;

export interface ServerSessionEvents {
  closed: [reason: Error];
  /** `free` was 0 and no longer is. */
  free: [];
  fault: [fault: PduError];
  unexpected: [pdu: Pdu];
}

export interface ServerSessionOptions {
  session: SessionOptions;
  system_id: string;
  bindTimeoutMs: number;
  onBind: (pdu: Bind, session: ServerSession) => number | Promise<number>;
  onBound: (session: ServerSession) => void;
}

const NO_RECEIVER = "not bound as a receiver";

/** One ESME's session, seen from the SMSC. */
export class ServerSession extends EventEmitter<ServerSessionEvents> {
  readonly remoteAddress: string | undefined;
  /** Answers may come in any order. A rejection is answered ESME_RSYSERR; a promise that never settles has no answer. */
  onSubmit: (pdu: SubmitSm) => Promise<SubmitAnswer> = async () => ({ command_status: commandStatus.ESME_RSYSERR });
  /** data_sm, submit_multi, query_sm, cancel_sm, replace_sm. */
  onRequest: (pdu: OtherRequest) => Promise<OtherAnswer> = async () => ({
    command_status: commandStatus.ESME_RINVCMDID,
  });

  readonly #options: ServerSessionOptions;
  readonly #session: Session;
  #state: "connected" | "binding" | "bound" | "closed" = "connected";
  #bind: Bind | undefined;

  constructor(socket: Duplex, options: ServerSessionOptions) {
    super();
    this.#options = options;
    this.remoteAddress = socket instanceof net.Socket ? socket.remoteAddress : undefined;
    const { clock } = options.session;
    const bindTimer = clock.setTimeout(() => {
      if (this.#state !== "bound") this.#session.destroy(new Error(`no bind within ${options.bindTimeoutMs} ms`));
    }, options.bindTimeoutMs);
    this.#session = new Session(socket, options.session, {
      request: (pdu, answer) => this.#requested(pdu, answer),
      notice: () => {},
      free: () => this.emit("free"),
      fault: (fault) => this.emit("fault", fault),
      unexpected: (pdu) => this.emit("unexpected", pdu),
    });
    void this.#session.closed.then((reason) => {
      this.#state = "closed";
      clock.clearTimeout(bindTimer);
      this.emit("closed", reason);
    });
  }

  /** The bind that was accepted; undefined before. */
  get bind(): Bind | undefined {
    return this.#bind;
  }

  get isBound(): boolean {
    return this.#state === "bound";
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** deliver_sm and data_sm that may be sent now. */
  get free(): number {
    return this.#mayReceive ? this.#session.free : 0;
  }

  /** Rejects with `NotSent`, `NoAnswer` or `EncodeError`; resolves with any command_status. */
  deliver(fields: Fields<"deliver_sm">): Promise<DeliverSmResp>;
  /** The same without a promise, for thousands a second: `done` is never called before this returns. */
  deliver(fields: Fields<"deliver_sm">, done: Answered<"deliver_sm">): void;
  deliver(fields: Fields<"deliver_sm">, done?: Answered<"deliver_sm">): Promise<DeliverSmResp> | undefined {
    if (done === undefined) return this.#request("deliver_sm", fields);
    if (this.#mayReceive) this.#session.ask("deliver_sm", fields, done);
    else notSent("deliver_sm", NO_RECEIVER, done);
    return undefined;
  }

  dataSm(fields: Fields<"data_sm">): Promise<DataSmResp> {
    return this.#request("data_sm", fields);
  }

  /** Sends a PDU as it is given, in any state. The answer to such a request is `unexpected`. */
  send(pdu: PduInput): void {
    this.#session.send(pdu);
  }

  /** Waits, at most `timeoutMs`, for the answers due on both sides; then unbinds and closes. */
  unbind(timeoutMs = 5_000): Promise<void> {
    return this.#session.unbind(timeoutMs, new Error("the server unbound"));
  }

  /** Cuts the connection. */
  destroy(reason = new Error("the server cut the session")): void {
    this.#session.destroy(reason);
  }

  get #mayReceive(): boolean {
    return this.isBound && this.#bind?.command !== "bind_transmitter";
  }

  #request<C extends RequestCommand>(command: C, fields: Fields<C>): Promise<PduOf<ResponseCommand<C>>> {
    if (!this.#mayReceive) return Promise.reject(new NotSent(`${command} was not sent: ${NO_RECEIVER}`));
    return this.#session.request(command, fields);
  }

  #requested(pdu: RequestPdu, answer: Answer): void {
    switch (pdu.command) {
      case "bind_receiver":
      case "bind_transmitter":
      case "bind_transceiver":
        if (this.#state === "connected") void this.#binding(pdu, answer);
        else answer(commandStatus.ESME_RALYBND);
        return;
      case "unbind":
      case "enquire_link":
        return;
    }
    if (!this.isBound || this.#bind?.command === "bind_receiver") {
      answer(commandStatus.ESME_RINVBNDSTS);
      return;
    }
    const answered: Promise<SubmitAnswer | OtherAnswer> =
      pdu.command === "submit_sm" ? this.onSubmit(pdu) : this.onRequest(pdu);
    answered.then(
      (body) => answer(body.command_status, body),
      () => answer(commandStatus.ESME_RSYSERR),
    );
  }

  async #binding(pdu: Bind, answer: Answer): Promise<void> {
    this.#state = "binding";
    const { onBind, onBound, system_id } = this.#options;
    let command_status: number = commandStatus.ESME_RSYSERR;
    try {
      command_status = await onBind(pdu, this);
    } catch {
      // The ESME is told ESME_RSYSERR; it will try again.
    }
    if (this.#session.isClosed) return;
    if (command_status !== commandStatus.ESME_ROK) {
      answer(command_status);
      this.#session.end(new Error("the bind was refused"));
      return;
    }
    this.#state = "bound";
    this.#bind = pdu;
    // A peer of an earlier version too, whose standard has no TLVs: command_length tells it where the PDU ends.
    answer(command_status, { system_id, tlvs: { sc_interface_version: 0x34 } });
    onBound(this);
  }
}
