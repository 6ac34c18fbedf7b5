import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../runtime/log.ts";
import { connectionEvent } from "./connections.ts";

export interface UnreadAnswersOptions {
  log: Logger;
  /** A connection that takes nothing of its answer for this long is ended; milliseconds, default 30,000. */
  patienceMs?: number;
  /**
   * Most bytes that may wait on all connections; beyond it some are ended, the fullest first: of those that took nothing since
   * the last look, then of the others; default 128 MiB.
   */
  most?: number;
  /** Milliseconds between two looks; default 1,000. */
  lookMs?: number;
}

/** The system's side of a socket, by which Node's own time-outs see whether a write moves. */
interface WithHandle extends Socket {
  _handle?: { writeQueueSize?: number } | null;
}

interface Writing {
  /** Bytes that the system has not taken yet. */
  left: number;
  /** When that last became less, or began. */
  movedAt: number;
}

/**
 * Ends connections whose answers nobody reads: an answer may be 300 times as large as its request, and stays in memory until
 * it is read.
 */
export class UnreadAnswers {
  readonly #log: Logger;
  readonly #patienceMs: number;
  readonly #most: number;
  readonly #writing = new Map<Socket, Writing>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    server: Server,
    { log, patienceMs = 30_000, most = 128 * 1024 * 1024, lookMs = 1_000 }: UnreadAnswersOptions,
  ) {
    this.#log = log;
    this.#patienceMs = patienceMs;
    this.#most = most;
    server.on(connectionEvent(server), (socket: Socket) => {
      this.#writing.set(socket, { left: 0, movedAt: 0 });
      socket.once("close", () => this.#writing.delete(socket));
    });
    this.#timer = setInterval(() => this.#look(performance.now()), lookMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    let waiting = 0;
    const still: Socket[] = [];
    const moving: Socket[] = [];
    for (const [socket, writing] of this.#writing) {
      const left = socket.writableLength === 0 ? 0 : ((socket as WithHandle)._handle?.writeQueueSize ?? 0);
      if (left === 0 || left !== writing.left) {
        this.#writing.set(socket, { left, movedAt: now });
        if (socket.writableLength > 0) moving.push(socket);
      } else if (now - writing.movedAt > this.#patienceMs)
        this.#end(socket, "it took nothing of its answer for too long");
      else still.push(socket);
      waiting += socket.writableLength;
    }
    if (waiting <= this.#most) return;
    const fullestFirst = (a: Socket, b: Socket): number => b.writableLength - a.writableLength;
    for (const socket of [...still.sort(fullestFirst), ...moving.sort(fullestFirst)]) {
      if (waiting <= this.#most) return;
      waiting -= socket.writableLength;
      this.#end(socket, "too many answers wait to be read");
    }
  }

  #end(socket: Socket, reason: string): void {
    this.#log.warn({ bytes: socket.writableLength, reason }, "a connection whose answer nobody reads is ended");
    socket.destroy();
  }
}
