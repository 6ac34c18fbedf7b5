import type { Duplex } from "node:stream";
import {
  commandName,
  isRequest,
  isResponseId,
  type RequestCommand,
  type RequestPdu,
  type ResponseCommand,
  type ResponsePdu,
  responseTo,
} from "../codec/commands.ts";
import { emptyResponse } from "../codec/decode.ts";
import type { PduError } from "../codec/error.ts";
import { PduParser } from "../codec/parser.ts";
import type { Fields, Pdu, PduInput, PduOf } from "../codec/pdu.ts";
import { commandStatus } from "../codec/status.ts";
import { atMost } from "../transport/clock.ts";
import { Link } from "../transport/link.ts";
import { NoAnswer, NotSent } from "./errors.ts";
import { KeepAlive } from "./keep-alive.ts";
import type { SessionOptions } from "./options.ts";
import { PendingRequests } from "./pending.ts";
import { nextSequenceNumber } from "./sequence-number.ts";

/**
 * Answers one request of the peer. A second call, or one after the session has ended, does nothing. An answer that
 * cannot be written becomes ESME_RX_T_APPN.
 */
export type Answer = (command_status: number, body?: Fields<ResponseCommand>) => void;

/** Takes the answer to a request, or the reason why there is none: `NotSent`, `NoAnswer` or `EncodeError`. */
export type Answered<C extends RequestCommand> = (answer: PduOf<ResponseCommand<C>> | Error) => void;

export interface SessionHandlers {
  /** Every request but enquire_link and unbind, which the session answers itself. */
  request(pdu: RequestPdu, answer: Answer): void;
  /** outbind or alert_notification: notices without an answer. */
  notice(pdu: PduOf<"outbind"> | PduOf<"alert_notification">): void;
  /** The window was full and no longer is. */
  free(): void;
  /** The peer sent octets that are no PDU; the session has dealt with them. */
  fault(fault: PduError): void;
  /** An answer to no request, or to one that has ended. */
  unexpected(pdu: Pdu): void;
}

/** A conversation over one connection, the same for both sides: it knows nothing of who binds to whom. */
export class Session {
  /** Resolves, with the reason, when nothing can be sent or received any more. */
  readonly closed: Promise<Error>;
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  readonly #link: Link;
  readonly #parser: PduParser;
  readonly #pending: PendingRequests;
  readonly #keepAlive: KeepAlive;
  #state: "open" | "draining" | "unbinding" | "closed" = "open";
  #sequenceNumber = 0;
  #unanswered = 0;
  #unansweredBytes = 0;
  /** `free` was 0 when somebody may have looked. */
  #wasFull = false;
  #resolveClosed: (reason: Error) => void = () => {};
  /** Called once every request has its answer. */
  #whenIdle: (() => void)[] = [];
  /** The reason of the end, if it was given before the connection closed. */
  #reason: Error | undefined;
  #unbound: Promise<void> | undefined;

  constructor(socket: Duplex, options: SessionOptions, handlers: SessionHandlers) {
    const { clock, enquireLinkMs, responseTimeoutMs, idleMs } = options;
    this.#options = options;
    this.#handlers = handlers;
    this.#parser = new PduParser(options.maxPduLength);
    this.#pending = new PendingRequests(clock, responseTimeoutMs, (sentAt) => this.#expired(sentAt));
    this.#keepAlive = new KeepAlive({
      clock,
      enquireLinkMs,
      responseTimeoutMs,
      idleMs,
      enquire: () => this.#link.write("enquire_link", 0, this.#nextSequenceNumber(), {}),
      dead: () => {
        if (idleMs === 0) this.destroy(new Error(`no answer to enquire_link within ${responseTimeoutMs} ms`));
        else void this.unbind(responseTimeoutMs, new Error(`nothing came for ${idleMs} ms`));
      },
    });
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#link = new Link(socket, options.maxBufferedBytes, {
      received: (chunk) => this.#received(chunk),
      closed: (reason) => this.#close(reason),
    });
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Whether it takes requests: until either side begins to end it. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Requests that may be sent now; 0 while the peer is in doubt. */
  get free(): number {
    if (this.#state !== "open" || this.#keepAlive.inDoubt) return 0;
    return Math.max(0, this.#options.window - this.#pending.size);
  }

  /**
   * Sends a request; resolves with its answer, whatever the status (a generic_nack has the form of the answer). Rejects with
   * `NotSent`, also if `free` is 0, with `NoAnswer`, or with `EncodeError`.
   */
  request<C extends RequestCommand>(command: C, body: Fields<C>): Promise<PduOf<ResponseCommand<C>>> {
    return promised((done) => this.ask(command, body, done));
  }

  /** The same without a promise: `done` is called once, with the answer or the error, never before this returns. */
  ask<C extends RequestCommand>(command: C, body: Fields<C>, done: Answered<C>): void {
    if (this.#state !== "open") notSent(command, "the session is ending", done);
    else if (this.#keepAlive.inDoubt) notSent(command, "the peer is silent", done);
    else if (this.#pending.size >= this.#options.window) notSent(command, "the window is full", done);
    else this.#ask(command, body, done);
  }

  /** Sends a PDU as it is given. The answer to such a request is `unexpected`. Throws `EncodeError`. */
  send(pdu: PduInput): void {
    this.#link.write(pdu.command, pdu.command_status ?? 0, pdu.sequence_number ?? 0, pdu);
  }

  /**
   * Takes no new request and waits, at most `timeoutMs`, until every request on both sides has its answer. Then it unbinds
   * and closes. A second call waits for the first, at most its own `timeoutMs`.
   */
  unbind(timeoutMs: number, reason: Error): Promise<void> {
    if (this.#unbound !== undefined) return atMost(this.#options.clock, timeoutMs, this.#unbound);
    this.#unbound = this.#unbind(timeoutMs, reason);
    return this.#unbound;
  }

  async #unbind(timeoutMs: number, reason: Error): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.now() + timeoutMs;
    if (this.#state === "open") this.#state = "draining";
    await atMost(clock, timeoutMs, Promise.race([this.#idle(), this.closed]));
    if (this.#state === "draining") {
      this.#state = "unbinding";
      const answered = promised<"unbind">((done) => this.#ask("unbind", {}, done)).catch(() => {});
      await atMost(clock, Math.max(0, deadline - clock.now()), answered);
    }
    this.destroy(reason);
  }

  /**
   * Takes no new request, waits for the answers due on both sides, and closes our half; many peers answer no more once it is
   * closed. All of it, the peer's closing included, takes at most `responseTimeoutMs`.
   */
  end(reason: Error): void {
    if (this.#state === "closed") return;
    const { clock, responseTimeoutMs } = this.#options;
    this.#state = "unbinding";
    this.#reason ??= reason;
    void this.#idle().then(() => this.#link.end(reason));
    void atMost(clock, responseTimeoutMs, this.closed).then(() => this.destroy(reason));
  }

  /** Cuts the connection. */
  destroy(reason: Error): void {
    this.#link.destroy(reason);
  }

  #ask<C extends RequestCommand>(command: C, body: Fields<C>, done: Answered<C>): void {
    const sequence_number = this.#nextSequenceNumber();
    this.#pending.add(sequence_number, {
      command,
      sentAt: this.#options.clock.now(),
      position: this.#link.queued,
      done: done as (answer: ResponsePdu | Error) => void,
    });
    if (this.#pending.size >= this.#options.window) this.#wasFull = true;
    try {
      this.#link.write(command, 0, sequence_number, body);
    } catch (error) {
      this.#pending.remove(sequence_number);
      queueMicrotask(() => done(error as Error));
      this.#settled();
    }
  }

  #nextSequenceNumber(): number {
    this.#sequenceNumber = nextSequenceNumber(this.#sequenceNumber, this.#pending);
    return this.#sequenceNumber;
  }

  #received(chunk: Buffer): void {
    const parsed = this.#parser.push(chunk);
    // Octets alone are no sign of life: a frame that never ends would hold the link for ever.
    if (parsed.length > 0) this.#keepAlive.heard();
    for (const each of parsed) {
      if (this.#state === "closed") return;
      if (each.fault === undefined) this.#receivedPdu(each.pdu, each.length);
      else this.#receivedFault(each.fault);
    }
    if (this.#wasFull) this.#settled();
  }

  #receivedPdu(pdu: Pdu, length: number): void {
    switch (pdu.command) {
      case "enquire_link":
        this.#link.write("enquire_link_resp", 0, pdu.sequence_number, {});
        return;
      case "enquire_link_resp":
        return;
      case "unbind":
        this.#link.write("unbind_resp", 0, pdu.sequence_number, {});
        this.end(new Error("the peer unbound"));
        return;
      case "outbind":
      case "alert_notification":
        this.#handlers.notice(pdu);
        return;
    }
    if (isRequest(pdu)) this.#receivedRequest(pdu, length);
    else this.#receivedResponse(pdu);
  }

  #receivedRequest(pdu: RequestPdu, length: number): void {
    const { sequence_number } = pdu;
    const response = responseTo[pdu.command];
    const { maxUnanswered, maxUnansweredBytes } = this.#options;
    const tooMany = this.#unanswered >= maxUnanswered || this.#unansweredBytes + length > maxUnansweredBytes;
    if (this.#state === "unbinding" || tooMany) {
      this.#link.write(response, commandStatus.ESME_RX_T_APPN, sequence_number, {});
      return;
    }
    this.#unanswered++;
    this.#unansweredBytes += length;
    let answered = false;
    const answer: Answer = (command_status, body = {}) => {
      if (answered) return;
      answered = true;
      this.#unanswered--;
      this.#unansweredBytes -= length;
      try {
        this.#link.write(response, command_status, sequence_number, body);
      } catch {
        this.#link.write(response, commandStatus.ESME_RX_T_APPN, sequence_number, {});
      }
      this.#settled();
    };
    try {
      this.#handlers.request(pdu, answer);
    } catch {
      answer(commandStatus.ESME_RX_T_APPN);
    }
  }

  #receivedResponse(pdu: Exclude<Pdu, RequestPdu>): void {
    const pending = this.#pending.get(pdu.sequence_number);
    const expected = pending && responseTo[pending.command];
    if (pending === undefined || expected === undefined || !isAnswer(pdu.command, expected)) {
      this.#handlers.unexpected(pdu);
      return;
    }
    this.#pending.remove(pdu.sequence_number);
    pending.done(
      pdu.command === "generic_nack"
        ? // A generic_nack of status 0 makes no sense (§4.3.1) but is no acceptance.
          emptyResponse(expected, pdu.command_status || commandStatus.ESME_RUNKNOWNERR, pdu.sequence_number)
        : (pdu as ResponsePdu),
    );
    this.#settled();
  }

  #receivedFault(fault: PduError): void {
    this.#handlers.fault(fault);
    if (fault.fatal) {
      this.#link.write("generic_nack", fault.commandStatus, fault.sequence_number, {});
      this.#link.end(fault);
      this.#link.destroy(fault);
      return;
    }
    const command = commandName(fault.command_id);
    if (isResponseId(fault.command_id)) {
      // Never answered: two peers that do not understand each other must not go on for ever.
      const pending = this.#pending.get(fault.sequence_number);
      if (pending === undefined || responseTo[pending.command] !== command) return;
      this.#pending.remove(fault.sequence_number);
      pending.done(new NoAnswer(`the answer to ${pending.command} cannot be read`, { cause: fault }));
      this.#settled();
    } else if (command !== undefined && command in responseTo) {
      this.#link.write(responseTo[command as RequestCommand], fault.commandStatus, fault.sequence_number, {});
    } else {
      this.#link.write("generic_nack", fault.commandStatus, fault.sequence_number, {});
    }
  }

  /** Requests sent up to `sentAt` had no answer in time. */
  #expired(sentAt: number): void {
    if (this.#keepAlive.doubt(sentAt)) this.#wasFull = true;
    this.#settled();
  }

  /** A request on either side has ended, or the peer was heard again. */
  #settled(): void {
    if (this.#wasFull && this.free > 0) {
      this.#wasFull = false;
      this.#handlers.free();
    }
    if (this.#whenIdle.length === 0 || this.#pending.size > 0 || this.#unanswered > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Resolves once every request, ours and the peer's, has its answer. */
  #idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      this.#settled();
    });
  }

  #close(reason: Error): void {
    this.#state = "closed";
    this.#keepAlive.stop();
    this.#pending.endAll(this.#link.handedOver, reason);
    this.#resolveClosed(this.#reason ?? reason);
  }
}

/** A bind may be answered in the form of another kind of bind, as OsmoMSC 1.9.0 does: its meaning is clear. */
function isAnswer(command: Pdu["command"], expected: ResponseCommand): boolean {
  return command === expected || command === "generic_nack" || (isBind(command) && isBind(expected));
}

function isBind(command: string): boolean {
  return command.startsWith("bind_");
}

function promised<C extends RequestCommand>(ask: (done: Answered<C>) => void): Promise<PduOf<ResponseCommand<C>>> {
  return new Promise((resolve, reject) => {
    ask((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
  });
}

export function notSent<C extends RequestCommand>(command: C, why: string, done: Answered<C>): void {
  queueMicrotask(() => done(new NotSent(`${command} was not sent: ${why}`)));
}
