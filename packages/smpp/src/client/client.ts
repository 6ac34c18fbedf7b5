import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type * as tls from "node:tls";
import type { RequestCommand, RequestPdu, ResponseCommand } from "../codec/commands.ts";
import type { PduError } from "../codec/error.ts";
import type { DataSm, DataSmResp, DeliverSm, Fields, Pdu, PduInput, PduOf, SubmitSmResp } from "../codec/pdu.ts";
import { commandStatus } from "../codec/status.ts";
import { NotSent } from "../session/errors.ts";
import { type SessionOptions, sessionDefaults } from "../session/options.ts";
import { type Answer, type Answered, notSent, Session } from "../session/session.ts";
import { type Connector, dial, dialTcp } from "../transport/dial.ts";
import { type Backoff, defaultBackoff, type Ending, Waits } from "./backoff.ts";

export type BindType = "transceiver" | "transmitter" | "receiver";

export interface SmppClientOptions extends Partial<SessionOptions>, Omit<Fields<"bind_transceiver">, "system_id"> {
  host: string;
  port: number;
  /** Default false: plain TCP. With TLS the peer's certificate is verified. */
  tls?: false | tls.ConnectionOptions;
  system_id: string;
  /** Default "transceiver". */
  bind?: BindType;
  /**
   * Takes a receipt or an inbound message. Its answer goes out once the promise settles: the command_status that it
   * resolves with, or ESME_RX_T_APPN (0x64) if it rejects or there is no handler. At thousands a second the handler may
   * return nothing and call `answer` with the command_status instead.
   */
  onDeliver?: (pdu: DeliverSm | DataSm, answer: (command_status: number) => void) => Promise<number> | undefined;
  /** Until the connection, TLS included, is ready. Default 10,000. */
  connectTimeoutMs?: number;
  connect?: Connector;
  backoff?: Partial<Backoff>;
  /** 0 ≤ random() < 1, for the waits between attempts. */
  random?: () => number;
}

export interface SmppClientEvents {
  bound: [response: PduOf<"bind_transceiver_resp" | "bind_transmitter_resp" | "bind_receiver_resp">];
  /** The peer refused the bind. */
  refused: [command_status: number, retryMs: number];
  /** No connection, or no answer to the bind. */
  failed: [reason: Error, retryMs: number];
  /** A bind that stood is gone. */
  lost: [reason: Error, retryMs: number];
  /** `free` was 0 and no longer is. */
  free: [];
  /** The peer sent octets that are no PDU. If the fault was not fatal, it was answered and the session goes on. */
  fault: [fault: PduError];
  /** An answer to no request, or to one that has ended. */
  unexpected: [pdu: Pdu];
  alert: [pdu: PduOf<"alert_notification">];
  /** `close()` is done. */
  closed: [];
}

/** `unbinding`: either side is ending the session; requests under way may still be answered. */
export type SmppClientState =
  | "idle"
  | "connecting"
  | "binding"
  | "bound"
  | "unbinding"
  | "waiting"
  | "closing"
  | "closed";

/**
 * An ESME: one bind to one SMSC, kept up until `close()`.
 *
 * Requests resolve with the peer's answer whatever its command_status. They reject with `NotSent` (nothing left this
 * process), `NoAnswer` (the outcome is unknown) or `EncodeError` (the fields cannot be written).
 */
export class SmppClient extends EventEmitter<SmppClientEvents> {
  readonly #options: SmppClientOptions;
  readonly #sessionOptions: SessionOptions;
  #state: SmppClientState = "idle";
  /** Ends the attempt, or the wait for the next one. */
  #attempt = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** The session, bound or binding. */
  #session: Session | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SmppClientOptions) {
    super();
    this.#options = options;
    this.#sessionOptions = { ...sessionDefaults, ...options };
  }

  get state(): SmppClientState {
    return this.#state === "bound" && this.#session?.isOpen !== true ? "unbinding" : this.#state;
  }

  /** Requests that may be sent now: 0 unless bound. */
  get free(): number {
    return this.#state === "bound" && this.#session !== undefined ? this.#session.free : 0;
  }

  /** Connects and binds, again after every loss. */
  start(): void {
    if (this.#state !== "idle") throw new Error(`a client that is ${this.#state} cannot be started`);
    this.#state = "connecting";
    this.#running = this.#run();
  }

  submit(fields: Fields<"submit_sm">): Promise<SubmitSmResp>;
  /** The same without a promise, for thousands of submits a second: `done` is never called before this returns. */
  submit(fields: Fields<"submit_sm">, done: Answered<"submit_sm">): void;
  submit(fields: Fields<"submit_sm">, done?: Answered<"submit_sm">): Promise<SubmitSmResp> | undefined {
    if (done === undefined) return this.request("submit_sm", fields);
    if (this.#state === "bound" && this.#session !== undefined) this.#session.ask("submit_sm", fields, done);
    else notSent("submit_sm", this.#notBound, done);
    return undefined;
  }

  dataSm(fields: Fields<"data_sm">): Promise<DataSmResp> {
    return this.request("data_sm", fields);
  }

  /** Any other request: query_sm, cancel_sm, replace_sm, submit_multi. */
  request<C extends RequestCommand>(command: C, fields: Fields<C>): Promise<PduOf<ResponseCommand<C>>> {
    if (this.#state !== "bound" || this.#session === undefined) {
      return Promise.reject(new NotSent(`${command} was not sent: ${this.#notBound}`));
    }
    return this.#session.request(command, fields);
  }

  get #notBound(): string {
    return `not bound (${this.#state})`;
  }

  /**
   * Ends the bind and makes a new one. Takes no new request, waits at most `responseTimeoutMs` for the answers due on both
   * sides, and unbinds; then it goes on as after a lost link: event `lost` with this reason, the usual wait. Does nothing
   * without a bind, or while it is ending.
   */
  rebind(reason: Error): void {
    if (this.state === "bound") void this.#session?.unbind(this.#sessionOptions.responseTimeoutMs, reason);
  }

  /** Sends a PDU as it is given, if there is a session; its answer is `unexpected`. */
  send(pdu: PduInput): void {
    this.#session?.send(pdu);
  }

  /**
   * Takes no new request, waits for the answers due on both sides, unbinds and closes; after `timeoutMs` it closes anyway.
   * It does not reconnect.
   */
  close({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const wasBound = this.#state === "bound";
    this.#state = "closing";
    const reason = new Error("the client was closed");
    if (wasBound) await this.#session?.unbind(timeoutMs, reason);
    this.#attempt.abort(reason);
    this.#session?.destroy(reason);
    await this.#running;
    this.#state = "closed";
    this.emit("closed");
  }

  async #run(): Promise<void> {
    const waits = new Waits({ ...defaultBackoff, ...this.#options.backoff }, this.#options.random ?? Math.random);
    while (!this.#isClosing) {
      this.#attempt = new AbortController();
      const ending = await this.#untilEnding();
      if (this.#isClosing) return;
      const retryMs = waits.after(ending);
      this.#state = "waiting";
      if (ending.kind === "refused") this.emit("refused", ending.command_status, retryMs);
      else this.emit(ending.kind, ending.reason, retryMs);
      await this.#wait(retryMs);
    }
  }

  get #isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** From connecting to the end of the session. */
  async #untilEnding(): Promise<Ending> {
    const { clock } = this.#sessionOptions;
    const {
      host,
      port,
      tls = false,
      connect = dialTcp,
      connectTimeoutMs = 10_000,
      bind = "transceiver",
    } = this.#options;
    this.#state = "connecting";
    try {
      const socket = await dial({ host, port, tls, connect, connectTimeoutMs, clock }, this.#attempt);
      const session = this.#open(socket);
      this.#session = session;
      if (this.#isClosing) session.destroy(new Error("the client was closed"));
      else this.#state = "binding";
      const response = await session.request(`bind_${bind}`, this.#options);
      if (response.command_status !== commandStatus.ESME_ROK) {
        session.destroy(new Error("the bind was refused"));
        return { kind: "refused", command_status: response.command_status };
      }
      const boundAt = clock.now();
      if (!this.#isClosing) {
        this.#state = "bound";
        this.emit("bound", response);
        this.emit("free");
      }
      const reason = await session.closed;
      return { kind: "lost", reason, boundMs: clock.now() - boundAt };
    } catch (error) {
      this.#session?.destroy(error as Error);
      return { kind: "failed", reason: error as Error };
    } finally {
      this.#session = undefined;
    }
  }

  #open(socket: Duplex): Session {
    return new Session(socket, this.#sessionOptions, {
      request: (pdu, answer) => this.#requested(pdu, answer),
      notice: (pdu) => {
        if (pdu.command === "alert_notification") this.emit("alert", pdu);
      },
      free: () => this.emit("free"),
      fault: (fault) => this.emit("fault", fault),
      unexpected: (pdu) => this.emit("unexpected", pdu),
    });
  }

  #requested(pdu: RequestPdu, answer: Answer): void {
    const { onDeliver } = this.#options;
    if (pdu.command !== "deliver_sm" && pdu.command !== "data_sm") answer(commandStatus.ESME_RINVCMDID);
    else if (onDeliver === undefined) answer(commandStatus.ESME_RX_T_APPN);
    else onDeliver(pdu, answer)?.then(answer, () => answer(commandStatus.ESME_RX_T_APPN));
  }

  #wait(ms: number): Promise<void> {
    const { clock } = this.#sessionOptions;
    this.#attempt = new AbortController();
    const { signal } = this.#attempt;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clock.clearTimeout(timer);
        resolve();
      });
    });
  }
}
