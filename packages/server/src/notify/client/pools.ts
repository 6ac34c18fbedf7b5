import type { Connector } from "../../network/connector.ts";
import { literalAddress } from "../../network/url.ts";
import { Chain } from "../fairness/chain.ts";
import { Fifo } from "../fairness/fifo.ts";
import { type Carried, Connection, type Keeper } from "./connection.ts";

/** An exchange that waits for a connection, and may have ended meanwhile. */
export interface QueuedRequest extends Carried {
  readonly over: boolean;
}

/** How long an idle connection is kept, in ms: less than the 5 s of many servers (Node's own, too). */
const KEEP_IDLE_MS = 4_000;
/** Most idle connections to all origins together; each is a file descriptor on both sides. */
const MAX_IDLE = 1_024;
const SWEEP_MS = 500;

interface Pool {
  /** Least recently used first: under little load the others grow old enough to be closed. */
  idle: Connection[];
  /** Open, and being opened. */
  connections: number;
  opening: number;
  queue: Fifo<QueuedRequest>;
  /** Exchanges that wait for a connection that has carried nothing yet. */
  fresh: Fifo<QueuedRequest>;
}

/** Connections by origin, with a limit for each; origins without connections take no memory. */
export class Pools implements Keeper {
  readonly #connect: Connector;
  readonly #perOrigin: number;
  readonly #pools = new Map<string, Pool>();
  /** All idle connections, the longest idle first. */
  readonly #idle = new Chain<Connection>();
  #sweeper: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(connect: Connector, perOrigin: number) {
    this.#connect = connect;
    this.#perOrigin = perOrigin;
  }

  /** Number of origins in memory. */
  get size(): number {
    return this.#pools.size;
  }

  /** Sends as soon as there is a connection. */
  send(origin: string, carried: QueuedRequest): void {
    const pool = this.#poolOf(origin);
    const now = performance.now();
    for (let connection = pool.idle.pop(); connection !== undefined; connection = pool.idle.pop()) {
      this.#idle.remove(connection);
      if (connection.usable && now < connection.idleSince + Math.min(connection.reusableMs, KEEP_IDLE_MS)) {
        connection.carry(carried);
        return;
      }
      connection.destroy();
    }
    pool.queue.push(carried);
    this.#open(origin, pool);
  }

  /** Sends over a connection that is opened from now on, before all exchanges that wait for any. */
  sendFresh(origin: string, carried: QueuedRequest): void {
    const pool = this.#poolOf(origin);
    pool.fresh.push(carried);
    this.#open(origin, pool);
  }

  /** Closes idle connections, now and as they become idle. */
  close(): void {
    this.#closing = true;
    for (let { first } = this.#idle; first !== null; { first } = this.#idle) this.#drop(first);
    clearInterval(this.#sweeper);
  }

  onFree(connection: Connection): void {
    const pool = this.#poolOf(connection.origin);
    const next = (connection.served ? undefined : nextOf(pool.fresh)) ?? nextOf(pool.queue);
    if (next !== undefined) {
      connection.carry(next);
    } else if (this.#closing) {
      connection.destroy();
    } else {
      connection.idleSince = performance.now();
      pool.idle.push(connection);
      this.#idle.push(connection);
      if (this.#idle.size > MAX_IDLE) this.#drop(this.#idle.first!);
      this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    }
  }

  onClosed(connection: Connection): void {
    const pool = this.#poolOf(connection.origin);
    if (connection.chain !== null) this.#drop(connection);
    pool.connections--;
    this.#open(connection.origin, pool);
  }

  #poolOf(origin: string): Pool {
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = { idle: [], connections: 0, opening: 0, queue: new Fifo(), fresh: new Fifo() };
      this.#pools.set(origin, pool);
    }
    return pool;
  }

  /** Opens a connection if waiting exchanges need one more and the limit allows; forgets an origin that needs nothing. */
  #open(origin: string, pool: Pool): void {
    if (pool.queue.size + pool.fresh.size > pool.opening && pool.connections < this.#perOrigin) {
      pool.connections++;
      pool.opening++;
      const { protocol, hostname, port } = new URL(origin);
      this.#connect({ protocol, port, hostname: literalAddress(hostname) ?? hostname }, (error, socket) => {
        pool.opening--;
        if (error !== null) this.#failed(origin, pool, error);
        else if (socket.destroyed) this.#failed(origin, pool, null);
        else this.onFree(new Connection(origin, socket, this));
      });
    } else if (pool.connections === 0) {
      this.#pools.delete(origin);
    }
  }

  /** Fails the exchange that has waited longest: the connection was opened for it. */
  #failed(origin: string, pool: Pool, error: Error | null): void {
    pool.connections--;
    (nextOf(pool.fresh) ?? nextOf(pool.queue))?.lost(error);
    this.#open(origin, pool);
  }

  /** Closes an idle connection. */
  #drop(connection: Connection): void {
    this.#idle.remove(connection);
    const { idle } = this.#poolOf(connection.origin);
    idle.splice(idle.indexOf(connection), 1);
    connection.destroy();
  }

  #sweep(): void {
    const kept = performance.now() - KEEP_IDLE_MS;
    for (let { first } = this.#idle; first !== null && first.idleSince <= kept; { first } = this.#idle) {
      this.#drop(first);
    }
    if (this.#idle.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
    }
  }
}

function nextOf(queue: Fifo<QueuedRequest>): QueuedRequest | undefined {
  let next = queue.shift();
  while (next?.over) next = queue.shift();
  return next;
}
