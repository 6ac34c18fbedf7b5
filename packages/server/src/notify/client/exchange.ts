import { type Connector, type ConnectorOptions, guardedConnector } from "../../network/connector.ts";
import { ConnectionFault, type Fault } from "../../network/fault.ts";
import { proxyConnector } from "../../network/proxy.ts";
import { retryAfterMs } from "../../runtime/retry-after.ts";
import type { Connection } from "./connection.ts";
import { Deadlines, type Limited } from "./deadlines.ts";
import type { AttemptOutcome } from "./outcome.ts";
import { Pools, type QueuedRequest } from "./pools.ts";
import { ProxyGate } from "./proxy-gate.ts";
import { ProxyJudge } from "./proxy-judge.ts";
import { direct, type ExchangeRequest, throughProxy } from "./request.ts";
import { ResponseReader } from "./response.ts";

export interface Exchanger {
  /** Milliseconds until something may be posted; 0: now; Infinity: not before an exchange under way has ended. */
  readonly waitMs: number;
  /**
   * One POST; `settled` is called once with the outcome, never before this returns. A callback and not a promise, because it
   * is called for every message. Throws if it cannot begin: the exchanger is closed, or a header cannot be sent.
   */
  post(request: ExchangeRequest, settled: (outcome: AttemptOutcome) => void): void;
  /** Waits for exchanges under way, at most until their deadline, and closes all connections. */
  close(): Promise<void>;
}

export interface ExchangerOptions extends Pick<ConnectorOptions, "policy" | "lookup" | "tls"> {
  /** Deadline of a whole exchange, from connecting to the end of the answer's body, in ms. */
  timeoutMs: number;
  /**
   * Most connections per origin. A caller should have no more exchanges than this under way to one origin: an exchange that
   * waits for a connection waits within its deadline.
   */
  connections: number;
  /** The operator's HTTP proxy for all exchanges. */
  proxy?: URL;
  /** Called when the proxy is found at fault, or serves again. */
  onProxy?: ProxyEvents;
  connector?: Connector;
}

/** The log and the metric of the proxy's faults. */
export interface ProxyEvents {
  fault(detail: string): void;
  serving(): void;
}

/** Most octets of an answer's body that are read and dropped, to use the connection again. */
const DRAIN_BYTES = 64 * 1024;
/** Longest time for that: the headers have decided, and a slot should not wait for a dripping body. */
const DRAIN_MS = 2_000;
/** How long before the receiver's own limit an idle connection is given up. */
const KEEP_ALIVE_MARGIN_MS = 1_000;

/** POSTs over HTTP/1.1 connections that are kept and shared per origin. */
export function createExchanger(options: ExchangerOptions): Exchanger {
  const { timeoutMs, connections } = options;
  const proxied = options.proxy === undefined ? null : throughGate(options.proxy, options);
  const connect = options.connector ?? proxied?.connector ?? guardedConnector(options);
  const outgoing = proxied?.outgoing ?? direct;
  const pools = new Pools(connect, connections);
  const deadlines = new Deadlines();
  let drained: () => void = () => undefined;
  const allEnded = new Promise<void>((resolve) => {
    drained = resolve;
  });
  let underWay = 0;
  let closed = false;
  return {
    get waitMs() {
      return proxied === null ? 0 : proxied.gate.waitMs;
    },
    post: (request, settled) => {
      const startedAt = performance.now();
      if (closed) throw new Error("the exchanger is closed");
      if (proxied !== null && proxied.gate.waitMs > 0) {
        setImmediate(settled, refused(new ConnectionFault("proxy", "held back")));
        return;
      }
      const probe = proxied?.gate.start() === true;
      const ended = (outcome: AttemptOutcome): void => {
        if (probe) proxied?.gate.probeEnded(outcome.fault === "proxy");
        settled(outcome);
        underWay--;
        if (closed && underWay === 0) drained();
      };
      underWay++;
      try {
        const { origin, message } = outgoing(request);
        const sendFresh = () => pools.sendFresh(origin, exchange);
        const exchange: Exchange = new Exchange(message, startedAt, timeoutMs, sendFresh, (outcome, reader) => {
          deadlines.delete(exchange);
          if (proxied === null) ended(outcome);
          else proxied.judge.judge({ origin: request.origin, probe }, outcome, reader, ended);
        });
        deadlines.add(exchange);
        pools.send(origin, exchange);
      } catch (error) {
        if (error instanceof ConnectionFault) {
          setImmediate(ended, refused(error));
          return;
        }
        underWay--;
        if (probe) proxied?.gate.probeEnded(false);
        throw error;
      }
    },
    close: () => {
      closed = true;
      pools.close();
      if (underWay === 0) drained();
      return allEnded;
    },
  };
}

/** Exchanges through a proxy, which wait while it is at fault. */
function throughGate(proxy: URL, options: ExchangerOptions) {
  const { policy, onProxy } = options;
  const gate = new ProxyGate({
    now: () => performance.now(),
    onFault: (detail) => onProxy?.fault(detail),
    onServing: () => onProxy?.serving(),
  });
  return {
    gate,
    judge: new ProxyJudge(proxy, gate, options),
    connector: proxyConnector(proxy, options, gate),
    outgoing: throughProxy(proxy, policy),
  };
}

/** One request and its answer. Settles once; everything after that is dropped. */
class Exchange implements QueuedRequest, Limited {
  readonly request: string | Buffer;
  expiresAt: number;
  slot = 0;
  over = false;
  reusableMs = 0;
  readonly #startedAt: number;
  readonly #sendFresh: () => void;
  readonly #settled: (outcome: AttemptOutcome, reader: ResponseReader) => void;
  readonly #reader = new ResponseReader();
  #connectMs: number | null = null;
  #firstByteMs: number | null = null;
  #connection: Connection | null = null;
  #answered = false;
  #sentFresh = false;
  #outcome: AttemptOutcome | null = null;

  constructor(
    request: string | Buffer,
    startedAt: number,
    timeoutMs: number,
    sendFresh: () => void,
    settled: (outcome: AttemptOutcome, reader: ResponseReader) => void,
  ) {
    this.request = request;
    this.expiresAt = startedAt + timeoutMs;
    this.#startedAt = startedAt;
    this.#sendFresh = sendFresh;
    this.#settled = settled;
  }

  sent(connection: Connection): void {
    this.#connection = connection;
    this.#connectMs = this.#elapsed();
  }

  received(piece: Buffer): boolean {
    this.#answered = true;
    const reader = this.#reader;
    const unreadable = reader.feed(piece);
    if (unreadable !== null) {
      this.#settle(unreadable, null);
      return false;
    }
    if (this.#firstByteMs === null && reader.status !== null) {
      this.#firstByteMs = this.#elapsed();
      this.expiresAt = Math.min(this.expiresAt, this.#startedAt + this.#firstByteMs + DRAIN_MS);
    }
    if (!reader.done && reader.bodyBytes <= DRAIN_BYTES) return true;
    if (reader.done && reader.keepAlive) this.reusableMs = reusableMs(reader.keepAliveSeconds);
    this.#settle(null, null);
    return false;
  }

  lost(error: Error | null): void {
    if (this.#closedUnseen()) {
      this.#sentFresh = true;
      this.#connection = null;
      this.#sendFresh();
      return;
    }
    if (error instanceof ConnectionFault) this.#settle(error.fault, error.message);
    else this.#settle(...broken(error));
    this.ended();
  }

  /**
   * Whether the receiver closed a kept connection while the request was on its way, as servers do that keep a connection for a
   * number of seconds or requests: 2 to 50 % of webhooks at real ones under load. The request is repeated once, over a
   * connection that nobody can have closed yet (RFC 9112 §9.3.1; a repeat shows by its webhook-id).
   */
  #closedUnseen(): boolean {
    return !this.over && !this.#answered && !this.#sentFresh && this.#connection?.served === true;
  }

  expire(): void {
    if (this.over) return;
    this.#settle("timeout", null);
    this.#connection?.destroy();
    this.ended();
  }

  ended(): void {
    const outcome = this.#outcome;
    this.#outcome = null;
    if (outcome !== null) this.#settled(outcome, this.#reader);
  }

  /** A fault counts only without a status: once the headers are in, they decide. */
  #settle(fault: Fault | null, detail: string | null): void {
    if (this.over) return;
    this.over = true;
    const { status, kept, retryAfter } = this.#reader;
    this.#outcome = {
      result: status !== null && status < 300 ? "delivered" : "failed",
      status,
      fault: status === null ? fault : null,
      detail,
      retryAfterMs: status === 429 || status === 503 ? retryAfterMs(retryAfter ?? "", Date.now()) : null,
      fresh: this.#connection?.served !== true,
      answer: kept === null ? null : text(kept),
      phases: { connectMs: this.#connectMs, firstByteMs: this.#firstByteMs, totalMs: this.#elapsed() },
    };
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt;
  }
}

function refused({ fault, message }: ConnectionFault): AttemptOutcome {
  const phases = { connectMs: null, firstByteMs: null, totalMs: 0 };
  return {
    result: "failed",
    status: null,
    fault,
    detail: message,
    retryAfterMs: null,
    fresh: true,
    answer: null,
    phases,
  };
}

/**
 * Why a connection ended. In TLS 1.3 a server that wants a client's certificate says so after this side's handshake (RFC 8446
 * §4.4.2.4), so an alert may come in place of the answer.
 */
function broken(error: NodeJS.ErrnoException | null): [Fault, string | null] {
  const detail = error === null ? null : (error.code ?? error.message);
  return [detail?.startsWith("ERR_SSL_") ? "tls" : "reset", detail];
}

function reusableMs(keepAliveSeconds: number | null): number {
  if (keepAliveSeconds === null) return Number.POSITIVE_INFINITY;
  return Math.max(0, keepAliveSeconds * 1_000 - KEEP_ALIVE_MARGIN_MS);
}

/** Octets that are no UTF-8, a cut character too, and NUL, which PostgreSQL does not store, become U+FFFD. */
function text(bytes: Buffer): string {
  return bytes.toString("utf8").replaceAll("\0", "\uFFFD");
}
