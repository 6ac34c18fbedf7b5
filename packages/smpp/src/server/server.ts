import { EventEmitter, once } from "node:events";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import type { Bind } from "../codec/pdu.ts";
import { commandStatus } from "../codec/status.ts";
import { type SessionOptions, sessionDefaults } from "../session/options.ts";
import { ServerSession } from "./server-session.ts";

export interface SmppServerOptions extends Partial<SessionOptions> {
  /** What bind requests are answered with, and whether they are; set the session's handlers here. Default: accepted. */
  onBind?: (pdu: Bind, session: ServerSession) => number | Promise<number>;
  /** How the SMSC calls itself in its bind answers. */
  system_id?: string;
  /** How long a connection may stay unbound. Default 10,000. */
  bindTimeoutMs?: number;
  /** Connections at one time, bound or not; further ones are closed at once. Default: no limit. */
  maxConnections?: number;
  /** Default false: plain TCP. */
  tls?: false | tls.TlsOptions;
}

export interface SmppServerEvents {
  bound: [session: ServerSession];
  /** A connection could not be accepted. */
  failed: [reason: Error];
}

/** An SMSC: takes binds and what comes over them. */
export class SmppServer extends EventEmitter<SmppServerEvents> {
  readonly #options: SmppServerOptions;
  readonly #server: net.Server;
  readonly #connections = new Set<ServerSession>();

  constructor(options: SmppServerOptions = {}) {
    super();
    this.#options = options;
    const accept = (socket: Duplex) => this.#accept(socket);
    this.#server =
      options.tls === undefined || options.tls === false
        ? net.createServer(accept)
        : tls.createServer(options.tls, accept);
    if (options.maxConnections !== undefined) this.#server.maxConnections = options.maxConnections;
    this.#server.on("error", (error) => this.emit("failed", error));
    this.#server.on("tlsClientError", (error: Error) => this.emit("failed", error));
  }

  /** Sessions that are bound. */
  get sessions(): ServerSession[] {
    return [...this.#connections].filter((session) => session.isBound);
  }

  /** Port 0 takes any free one; the answer says which. */
  async listen(port: number, host = "127.0.0.1"): Promise<net.AddressInfo> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    return this.#server.address() as net.AddressInfo;
  }

  /** Accepts no more connections and unbinds every session, each within `timeoutMs`. */
  async close({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#connections) if (!session.isBound) session.destroy();
    await Promise.all(this.sessions.map((session) => session.unbind(timeoutMs)));
    await closed;
  }

  #accept(socket: Duplex): void {
    const { onBind = () => commandStatus.ESME_ROK, system_id = "", bindTimeoutMs = 10_000 } = this.#options;
    const session = new ServerSession(socket, {
      session: { ...sessionDefaults, ...this.#options },
      system_id,
      bindTimeoutMs,
      onBind,
      onBound: (bound) => this.emit("bound", bound),
    });
    this.#connections.add(session);
    session.on("closed", () => this.#connections.delete(session));
  }
}
