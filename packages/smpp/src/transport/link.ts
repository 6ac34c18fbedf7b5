import type { Duplex } from "node:stream";
import { writePdu } from "../codec/encode.ts";
import type { Command, Fields } from "../codec/pdu.ts";
import { PduWriter } from "../codec/writer.ts";

export interface LinkHandlers {
  received(chunk: Buffer): void;
  /** Once, when nothing can be sent or received any more. */
  closed(reason: Error): void;
}

/**
 * One connection: PDUs out, octets in, and why it ended.
 *
 * PDUs are written one after the other into one buffer. It goes to the socket once per turn of the event loop, and stays
 * here while the socket is full, so not one octet beyond `handedOver` has left. A peer that does not read fills the buffer
 * up to `maxBufferedBytes`; then the link is cut.
 */
export class Link {
  readonly #socket: Duplex;
  readonly #maxBufferedBytes: number;
  readonly #handlers: LinkHandlers;
  readonly #writer = new PduWriter(16_384);
  readonly #flush = () => this.#handOff();
  #handedOver = 0;
  #flushing = false;
  #socketFull = false;
  #ending = false;
  #closed = false;
  #reason: Error | undefined;

  constructor(socket: Duplex, maxBufferedBytes: number, handlers: LinkHandlers) {
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#handlers = handlers;
    // With Nagle's algorithm a small PDU would wait for the acknowledgement of the last one.
    if ("setNoDelay" in socket && typeof socket.setNoDelay === "function") socket.setNoDelay(true);
    socket.on("error", (error) => {
      this.#reason ??= error;
    });
    socket.on("close", () => this.#end(new Error("the connection was closed")));
    socket.on("end", () => this.destroy(new Error("the peer closed the connection")));
    socket.on("drain", () => {
      this.#socketFull = false;
      this.#handOff();
    });
    socket.on("data", (chunk: Buffer) => handlers.received(chunk));
  }

  /** Octets ever written to this link. */
  get queued(): number {
    return this.#handedOver + this.#writer.length;
  }

  /** Octets ever given to the socket: these may have reached the peer, later ones cannot have. */
  get handedOver(): number {
    return this.#handedOver;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Throws `EncodeError`, and has then sent nothing. On a closed link it does nothing. */
  write<C extends Command>(command: C, command_status: number, sequence_number: number, body: Fields<C>): void {
    if (this.#closed) return;
    writePdu(this.#writer, command, command_status, sequence_number, body);
    const waiting = this.#writer.length + this.#socket.writableLength;
    if (waiting > this.#maxBufferedBytes) {
      this.destroy(new Error(`the peer does not read: ${waiting} octets are waiting for it`));
    } else if (!this.#flushing && !this.#socketFull) {
      this.#flushing = true;
      setImmediate(this.#flush);
    }
  }

  /** Sends the waiting octets, then tells the peer that nothing more will come. */
  end(reason: Error): void {
    this.#reason ??= reason;
    this.#ending = true;
    this.#handOff();
  }

  /** Cuts the connection. Octets that still wait here are not sent. */
  destroy(reason: Error): void {
    if (this.#closed) return;
    this.#reason ??= reason;
    this.#socket.destroy();
    this.#end(reason);
  }

  #handOff(): void {
    this.#flushing = false;
    if (this.#closed || this.#socketFull || !this.#socket.writable) return;
    if (this.#writer.length > 0) {
      const octets = this.#writer.take();
      this.#handedOver += octets.length;
      this.#socketFull = !this.#socket.write(octets);
    }
    if (this.#ending) this.#socket.end();
  }

  #end(reason: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.closed(this.#reason ?? reason);
  }
}
