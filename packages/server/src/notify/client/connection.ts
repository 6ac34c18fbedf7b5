import type { Socket } from "node:net";
import type { Chain, Linked } from "../fairness/chain.ts";

/** An exchange over a connection: one request, and the reader of its answer. */
export interface Carried {
  /** The request, ready to be written. */
  readonly request: string | Buffer;
  /** Called when it is written to this connection. */
  sent(connection: Connection): void;
  /** Takes a piece of the answer. False when no more is needed. */
  received(piece: Buffer): boolean;
  /** For how long after that the connection may carry another request, in ms; 0 if it is of no more use. */
  readonly reusableMs: number;
  /** The other side has closed, or the connection is broken; nothing more comes. */
  lost(error: Error | null): void;
  /** No more was needed, and the connection has been returned or closed. */
  ended(): void;
}

/** The owner of the connections. */
export interface Keeper {
  /** Called when the connection has nothing to carry any more. */
  onFree(connection: Connection): void;
  onClosed(connection: Connection): void;
}

/** An HTTP/1.1 connection that carries one exchange after another, never two at once. */
export class Connection implements Linked<Connection> {
  readonly origin: string;
  idleSince = 0;
  /** Whether it has brought an answer before: the other side may have closed it unseen since then. */
  served = false;
  /** How long the receiver keeps it open when free, in ms, as far as it has said. */
  reusableMs = Number.POSITIVE_INFINITY;
  chain: Chain<Connection> | null = null;
  before: Connection | null = null;
  after: Connection | null = null;
  readonly #socket: Socket;
  readonly #keeper: Keeper;
  #carried: Carried | null = null;

  constructor(origin: string, socket: Socket, keeper: Keeper) {
    this.origin = origin;
    this.#socket = socket;
    this.#keeper = keeper;
    socket.on("data", (piece: Buffer) => this.#received(piece));
    socket.on("end", () => this.#lost(null));
    socket.on("error", (error) => this.#lost(error));
    socket.on("close", () => {
      this.#lost(null);
      keeper.onClosed(this);
    });
  }

  /** Whether it can be written to, as far as this side knows. */
  get usable(): boolean {
    return this.#socket.writable && this.#carried === null;
  }

  carry(carried: Carried): void {
    this.#carried = carried;
    carried.sent(this);
    this.#socket.write(carried.request, "latin1");
  }

  /** Closes at once, also amid an exchange. */
  destroy(): void {
    this.#carried = null;
    this.#socket.destroy();
  }

  #received(piece: Buffer): void {
    const carried = this.#carried;
    // Octets without a request would be taken for the answer to the next one.
    if (carried === null) {
      this.destroy();
      return;
    }
    if (carried.received(piece)) return;
    this.#carried = null;
    this.served = true;
    this.reusableMs = carried.reusableMs;
    // An answer may be complete before the request is out.
    if (this.reusableMs > 0 && this.#socket.writableLength === 0) this.#keeper.onFree(this);
    else this.#socket.destroy();
    carried.ended();
  }

  #lost(error: Error | null): void {
    const carried = this.#carried;
    this.destroy();
    carried?.lost(error);
  }
}
