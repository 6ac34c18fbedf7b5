import type { Server } from "node:http";
import type { Socket } from "node:net";
import { hashedKey } from "../../runtime/api-key.ts";
import type { Logger } from "../../runtime/log.ts";
import { rememberingLast } from "../../runtime/remembered.ts";
import type { Access } from "../access.ts";
import { connectionEvent } from "../connections.ts";
import { type Intake, LARGE_ANSWER } from "../intake.ts";
import { answerTo, NO_STORE, type ProblemAnswer, problemAnswer } from "../problem-answer.ts";
import { CLOSED, KEEP_ALIVE_S, KEPT, rawAnswer, rawHead } from "../raw-answer.ts";
import { REQUEST_ID, type Requests } from "../requests.ts";
import { JSON_MEDIA_TYPE } from "../routes/messages.ts";
import { type PlainRequest, readHead, readPlainRequest } from "./plain-request.ts";
import type { Send, SendRequest } from "./sending.ts";

export interface FastPathOptions {
  log: Logger;
  requests: Requests;
  bodyLimit: number;
  /** Admits callers who may send. */
  access: Access["sendingAtOnce"];
  intake: Intake;
  send: Send;
  /** Whether requests of a caller's trace are traced; Fastify's hooks do that. */
  traces: boolean;
}

/** How long a request may take to come, in ms; then its connection goes to Node's server, which has limits for it. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 1_000;
/** Most octets of a body here. Until it is whole, nobody has checked its key. */
const MAX_BODY = 64 * 1024;

type Listener = (socket: Socket) => void;

/**
 * A short way for most of the traffic: `POST /message` and `POST /batch`, whole and in plain form (plain-request.ts). They
 * are read and answered on the socket itself, by the same functions as Fastify's routes: 11 µs of CPU each against 21 µs
 * through node:http and Fastify, and less for the garbage collector. Every other request, from its first byte, goes with its
 * connection to Node's server, for good.
 */
export class FastPath {
  readonly #options: FastPathOptions;
  readonly #connections = new Set<PlainConnection>();
  readonly #look: NodeJS.Timeout;

  /** Takes over the connections of a server that does not listen yet. */
  constructor(server: Server, options: FastPathOptions) {
    this.#options = options;
    const event = connectionEvent(server);
    const [serve, ...others] = server.listeners(event) as Listener[];
    if (serve === undefined || others.length > 0) throw new Error("Node's server has one listener for connections");
    server.off(event, serve);
    server.on(event, (socket: Socket) => {
      const connection: PlainConnection = new PlainConnection(socket, this.#options, {
        onOther: () => serve.call(server, socket),
        onGone: () => this.#connections.delete(connection),
      });
      this.#connections.add(connection);
    });
    this.#look = setInterval(() => {
      const now = Date.now();
      for (const connection of this.#connections) connection.look(now);
    }, LOOK_MS).unref();
  }

  /** Ends every connection, each after its answer under way. */
  close(): void {
    clearInterval(this.#look);
    for (const connection of this.#connections) connection.close();
  }
}

interface ConnectionEvents {
  /** The connection should go to Node's server. */
  onOther(): void;
  /** The connection has left the fast path. */
  onGone(): void;
}

/** One client's connection: one request at a time. */
class PlainConnection {
  readonly #socket: Socket;
  readonly #options: FastPathOptions;
  readonly #events: ConnectionEvents;
  /**
   * A connection's requests mostly have one head and one key, and hashing a key takes 2 µs. The time of the comparison tells a
   * caller only about his own requests.
   */
  readonly #readHead = rememberingLast(readHead);
  readonly #hashed = rememberingLast(hashedKey);
  /** The octets of a request that is not whole, or that follows one being answered. */
  #gathered: Buffer | null = null;
  /** Room for a whole request of known length, so that each piece is copied once. */
  #room: Buffer | null = null;
  #state: "fresh" | "idle" | "busy" | "ended" = "fresh";
  #closing = false;
  /** Called when all answers are read; null if none waits. */
  #read: (() => void) | null = null;
  #since = Date.now();

  constructor(socket: Socket, options: FastPathOptions, events: ConnectionEvents) {
    this.#socket = socket;
    this.#options = options;
    this.#events = events;
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("error", this.#onError);
    socket.on("close", this.#onClose);
  }

  close(): void {
    this.#closing = true;
    if (this.#state === "busy") return;
    // A request that has begun to come is still answered.
    if (this.#gathered !== null) this.#leave();
    else if (this.#socket.writableLength > 0) this.#socket.end();
    else this.#socket.destroy();
  }

  /** Ends a connection that waits too long. */
  look(now: number): void {
    const waited = now - this.#since;
    if (this.#state === "busy") return;
    // An unread answer is up to unread-answers.ts.
    if (this.#socket.writableLength > 0) this.#since = now;
    else if (this.#state === "fresh" || this.#gathered !== null) {
      if (waited > PATIENCE_MS) this.#leave();
    } else if (waited > KEEP_ALIVE_S * 1_000) this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    const isFirst = this.#gathered === null;
    const bytes = this.#gathered === null ? chunk : this.#joined(this.#gathered, chunk);
    if (this.#state === "busy") {
      // The client sends ahead: no more is read until the answer is out.
      this.#gathered = bytes;
      this.#socket.pause();
      return;
    }
    if (isFirst) this.#since = Date.now();
    if (this.#room !== null && bytes.length < this.#room.length) {
      this.#gathered = bytes;
      return;
    }
    this.#room = null;
    const request = readPlainRequest(bytes, Math.min(this.#options.bodyLimit, MAX_BODY), this.#readHead);
    if (request === "other" || (this.#options.traces && typeof request === "object" && request.headers.traceparent)) {
      this.#gathered = bytes;
      this.#leave();
    } else if (typeof request === "number") {
      this.#room = Buffer.allocUnsafeSlow(bytes.length + request);
      this.#gathered = this.#joined(Buffer.alloc(0), bytes);
    } else {
      this.#gathered = null;
      this.#state = "busy";
      void this.#answer(request);
    }
  };

  #joined(bytes: Buffer, more: Buffer): Buffer {
    const length = bytes.length + more.length;
    if (this.#room === null || length > this.#room.length) return Buffer.concat([bytes, more]);
    more.copy(this.#room, bytes.length);
    return this.#room.subarray(0, length);
  }

  readonly #onEnd = (): void => {
    if (this.#state === "busy") this.#closing = true;
    else if (this.#gathered === null) this.#socket.end();
    else {
      this.#closing = true;
      const id = this.#options.requests.idOf(undefined);
      this.#refuse(problemAnswer("malformed-request", "The request ends before its body does."), id);
    }
  };

  readonly #onError = (): void => {};

  readonly #onClose = (): void => {
    this.#state = "ended";
    this.#events.onGone();
  };

  async #answer({ path, query, headers, body }: PlainRequest): Promise<void> {
    const { access, intake, send, log, requests } = this.#options;
    const id = requests.idOf(headers[REQUEST_ID]);
    const since = this.#since;
    let status = 200;
    const bodyType = headers["content-type"];
    // The owner is known once the key was looked up.
    const hashed = this.#hashed;
    const request: SendRequest = {
      query,
      headers,
      body,
      bodyType,
      accountId: 0,
      accountUuid: undefined,
      priced: false,
      organizationId: 0,
      hashed,
    };
    try {
      const admitted = access(request);
      if (admitted !== undefined) await admitted;
      const { accountId } = request;
      intake.mustHaveRead(accountId);
      const wait = intake.enterBody(accountId, body.length);
      if (wait !== undefined) await wait;
      try {
        this.#write(OK, id, await send(path, request));
        if (this.#socket.writableLength > LARGE_ANSWER) this.#countUnread(accountId);
      } finally {
        intake.leaveBody(accountId, body.length);
      }
    } catch (error) {
      const answer = answerTo(error, log, id);
      status = answer.status;
      this.#refuse(answer, id);
    }
    const account = request.accountUuid;
    requests.answered({ id, method: "POST", route: path, path, status, ms: Date.now() - since, account });
  }

  /** Counts unread octets until all are read, wherever the connection goes meanwhile. */
  #countUnread(accountId: number): void {
    this.#read?.();
    const socket = this.#socket;
    const taken = this.#options.intake.answerWaits(accountId, socket.writableLength);
    const read = (): void => {
      taken();
      socket.off("drain", read);
      socket.off("close", read);
      this.#read = null;
    };
    this.#read = read;
    socket.on("drain", read);
    socket.on("close", read);
  }

  #refuse({ status, headers, body }: ProblemAnswer, id: string): void {
    this.#write(rawHead(status, headers), id, body);
  }

  #write(head: string, id: string, answer: string): void {
    if (this.#state === "ended") return;
    const socket = this.#socket;
    socket.write(rawAnswer(head, id, answer, this.#closing ? CLOSED : KEPT));
    this.#state = "idle";
    this.#since = Date.now();
    if (this.#closing) socket.end();
    else if (this.#gathered !== null) this.#leave();
  }

  /** Gives the connection to Node's server, with the octets of its request. */
  #leave(): void {
    const socket = this.#socket;
    this.#state = "ended";
    socket.off("data", this.#onData);
    socket.off("end", this.#onEnd);
    socket.off("error", this.#onError);
    socket.off("close", this.#onClose);
    this.#events.onGone();
    if (this.#gathered !== null) socket.unshift(this.#gathered);
    this.#events.onOther();
    socket.resume();
  }
}

const OK = rawHead(200, { "content-type": JSON_MEDIA_TYPE, "cache-control": NO_STORE });
