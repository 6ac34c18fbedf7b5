import { EventEmitter, once } from "node:events";
import * as net from "node:net";
import * as tls from "node:tls";
import type { Bind } from "../codec/pdu.ts";
import { commandStatus } from "../codec/status.ts";
import { type SessionOptions, sessionDefaults } from "../session/options.ts";
import { ServerSession } from "./server-session.ts";

export interface SmppServerOptions extends Partial<SessionOptions> {
  /** Resolves with the command_status for a bind request; set the session's handlers here. Default: accepted. */
  onBind?: (pdu: Bind, session: ServerSession) => number | Promise<number>;
  /** The SMSC's own name in its bind answers. */
  system_id?: string;
  /** How long a connection may stay unbound. Default 10,000. */
  bindTimeoutMs?: number;
  /** Connections at one time, bound or not; further ones are closed at once. Default: no limit. */
  maxConnections?: number;
  /**
   * Connections that are not bound (yet) at one time; for a further one the oldest of them is cut, so that nobody keeps
   * others out by waiting. Default: no limit.
   */
  maxUnbound?: number;
  /** Default false: plain TCP. */
  tls?: false | tls.TlsOptions;
}

export interface SmppServerEvents {
  bound: [session: ServerSession];
  /** A connection could not be accepted. */
  failed: [reason: Error];
}

/** An SMSC: takes binds, and requests over them. */
export class SmppServer extends EventEmitter<SmppServerEvents> {
  readonly #options: SmppServerOptions;
  readonly #server: net.Server;
  readonly #connections = new Set<ServerSession>();
  /** Those that are not bound, the oldest first, from before TLS. */
  readonly #unbound = new Map<string, net.Socket>();

  constructor(options: SmppServerOptions = {}) {
    super();
    this.#options = options;
    const accept = (socket: net.Socket) => this.#accept(socket);
    this.#server =
      options.tls === undefined || options.tls === false
        ? net.createServer(accept)
        : tls.createServer({ handshakeTimeout: bindTimeoutOf(options), ...options.tls }, accept);
    this.#server.prependListener("connection", (socket) => this.#came(socket));
    if (options.maxConnections !== undefined) this.#server.maxConnections = options.maxConnections;
    this.#server.on("error", (error) => this.emit("failed", error));
    this.#server.on("tlsClientError", (error: Error) => this.emit("failed", error));
  }

  /** New connections see this certificate from now on. Nothing changes for a server without TLS. */
  renewTls(options: tls.SecureContextOptions): void {
    if (this.#server instanceof tls.Server) this.#server.setSecureContext(options);
  }

  /** Bound sessions. */
  get sessions(): ServerSession[] {
    return [...this.#connections].filter((session) => session.isBound);
  }

  /** Port 0 takes any free one, and the answer has it. */
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

  #came(socket: net.Socket): void {
    const name = nameOf(socket);
    this.#unbound.set(name, socket);
    socket.once("close", () => {
      if (this.#unbound.get(name) === socket) this.#unbound.delete(name);
    });
    if (this.#unbound.size <= (this.#options.maxUnbound ?? Number.POSITIVE_INFINITY)) return;
    for (const [oldest, waiting] of this.#unbound) {
      this.#unbound.delete(oldest);
      waiting.destroy();
      return;
    }
  }

  #accept(socket: net.Socket): void {
    const { onBind = () => commandStatus.ESME_ROK, system_id = "" } = this.#options;
    const name = nameOf(socket);
    const session = new ServerSession(socket, {
      session: { ...sessionDefaults, ...this.#options },
      system_id,
      bindTimeoutMs: bindTimeoutOf(this.#options),
      onBind,
      onBound: (bound) => {
        this.#unbound.delete(name);
        this.emit("bound", bound);
      },
    });
    this.#connections.add(session);
    session.on("closed", () => this.#connections.delete(session));
  }
}

function bindTimeoutOf({ bindTimeoutMs = 10_000 }: SmppServerOptions): number {
  return bindTimeoutMs;
}

/** A connection by its far end: the same before TLS and in it. */
function nameOf({ remoteAddress, remotePort }: net.Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
