import type { Socket } from "node:net";
import type { Chain, Linked } from "../fairness/chain.ts";

/** What a connection carries: one request, and what takes in the answer. */
export interface Carried {
  /** The request, ready to be written. */
  readonly request: string | Buffer;
  /** It is being written now, and to this connection. */
  sent(connection: Connection): void;
  /** A piece of the answer has come. False when no more is wanted. */
  received(piece: Buffer): boolean;
  /** For how long after that the connection may carry another request; 0 when it is of no more use. */
  readonly reusableMs: number;
  /** The other side has closed, or the connection is broken; nothing more comes. */
  lost(error: Error | null): void;
  /** Nothing more was wanted, and the connection has been seen to. */
  ended(): void;
}

/** Who has the connections. */
export interface Keeper {
  /** The connection has nothing to carry any more. */
  onFree(connection: Connection): void;
  onClosed(connection: Connection): void;
}

/** An HTTP/1.1 connection that carries one exchange after another, never two at once. */
export class Connection implements Linked<Connection> {
  readonly origin: string;
  idleSince = 0;
  /** Whether it has brought an answer before: the other side may have closed it unseen since then. */
  served = false;
  /** For how long after it became free the receiver keeps it open, as far as it has said. */
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

  /** Whether it can be written to, as far as is known here. */
  get usable(): boolean {
    return this.#socket.writable && this.#carried === null;
  }

  carry(carried: Carried): void {
    this.#carried = carried;
    carried.sent(this);
    this.#socket.write(carried.request, "latin1");
  }

  /** Closes at once, whatever is under way. */
  destroy(): void {
    this.#carried = null;
    this.#socket.destroy();
  }

  #received(piece: Buffer): void {
    const carried = this.#carried;
    // What nobody asked for would be taken for the answer to the next request.
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
