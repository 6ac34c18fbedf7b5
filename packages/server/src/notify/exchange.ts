import { Agent, type Dispatcher } from "undici";
import type { AddressPolicy } from "./address.ts";
import { type Connector, guardedConnector } from "./connector.ts";
import { Deadlines, type Limited } from "./deadlines.ts";
import { ConnectionFault, type Fault } from "./fault.ts";
import { permittedThroughProxy, proxyAuthorization, proxyConnector } from "./proxy.ts";
import { retryAfterMs } from "./schedule.ts";

/** How one try of a webhook went. */
export interface Outcome {
  /** `delivered` for any 2xx, decided when its headers are in, whatever its body then does. */
  verdict: "delivered" | "failed";
  status: number | null;
  /** Why there is no status; null when there is one. */
  fault: Fault | null;
  /** For the operator's log: an error code or the like; may name addresses. */
  detail: string | null;
  /** What a 429 or 503 asked for in Retry-After. */
  retryAfterMs: number | null;
  /** The first KiB of the answer's body as it came (nothing is inflated), read as UTF-8; fit for PostgreSQL's text. */
  answer: string | null;
  /** Milliseconds from the start until the request was written, the answer's headers were in, and the end. */
  phases: { connectMs: number | null; firstByteMs: number | null; totalMs: number };
}

export interface ExchangeRequest {
  url: string | URL;
  /** The URL's origin, as `checkCallbackUrl` gives it. */
  origin: string;
  headers: Record<string, string>;
  body: string | Buffer;
}

export interface Exchanger {
  /** One POST. Rejects only when it could not be begun: the exchanger is closed, or a header cannot be sent. */
  post(request: ExchangeRequest): Promise<Outcome>;
  /** Waits for what is under way, which the deadline bounds, and closes all connections. */
  close(): Promise<void>;
}

export interface ExchangerOptions {
  policy: AddressPolicy;
  /** For a whole exchange, from connecting to the end of the answer's body. */
  timeoutMs: number;
  /**
   * Connections per origin. Whoever calls should have no more than this under way to one origin: what waits for a
   * connection waits within its deadline.
   */
  connections: number;
  /** The operator's HTTP proxy; all goes through it. */
  proxy?: URL;
  connector?: Connector;
}

/** An idle connection is kept this long: less than the 5 s after which many servers (Node's own, too) close theirs. */
const KEEP_ALIVE_MS = 4_000;
const MAX_HEADER_BYTES = 16 * 1024;
/** How much of an answer's body is kept. */
const ANSWER_BYTES = 1_024;
/** How much of a body is read, and dropped, to be able to use the connection again. */
const DRAIN_BYTES = 64 * 1024;
/** For how long it is: once the headers are in the verdict stands, and a slot should not wait for a dripping body. */
const DRAIN_MS = 2_000;
/** Interim answers (RFC 9110 §15.2) before the final one. */
const MAX_INTERIM = 16;

/** POSTs over HTTP/1.1 connections that are kept and shared per origin. */
export function createExchanger(options: ExchangerOptions): Exchanger {
  const { policy, timeoutMs, connections, proxy } = options;
  const agent = new Agent({
    connect: options.connector ?? (proxy ? proxyConnector(proxy, options) : guardedConnector(options)),
    connections,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // undici's own timers start again with every interim answer and every piece of a body; ours do not.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const deadlines = new Deadlines();
  const toTarget = proxy === undefined ? direct : throughProxy(proxy, policy);
  return {
    post: (request) =>
      new Promise((resolve, reject) => {
        const exchange = new Exchange(timeoutMs, deadlines, resolve, reject);
        try {
          agent.dispatch(toTarget(request), exchange);
        } catch (error) {
          exchange.onError(error as Error);
        }
      }),
    close: () => agent.close(),
  };
}

function direct({ url, origin, headers, body }: ExchangeRequest): Agent.DispatchOptions {
  const { pathname, search } = typeof url === "string" ? new URL(url) : url;
  return { origin, path: pathname + search, method: "POST", headers, body };
}

/** Through a tunnel for https; for http the proxy is asked, with the target's whole URL (RFC 9112 §3.2.2). */
function throughProxy(proxy: URL, policy: AddressPolicy): typeof direct {
  const authorization = proxyAuthorization(proxy);
  const credentials = authorization === null ? {} : { "proxy-authorization": authorization };
  return (request) => {
    const { protocol, host, hostname } = new URL(request.url);
    if (!permittedThroughProxy(hostname, policy)) throw new ConnectionFault("refused_address", hostname);
    const target = direct(request);
    if (protocol === "https:") return target;
    const headers = { ...request.headers, host, ...credentials };
    return { ...target, origin: proxy.origin, path: request.origin + target.path, headers };
  };
}

/** The client's callbacks for one exchange. Settles once; whatever comes after that is dropped. */
class Exchange implements Dispatcher.DispatchHandler, Limited {
  expiresAt: number;
  slot = 0;
  readonly #deadlines: Deadlines;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #reject: (error: Error) => void;
  readonly #startedAt = performance.now();
  #abort: (() => void) | undefined;
  #settled = false;
  #interim = 0;
  #status: number | null = null;
  #retryAfterMs: number | null = null;
  #connectMs: number | null = null;
  #firstByteMs: number | null = null;
  #answer: Buffer | null = null;
  #bodyBytes = 0;

  constructor(
    timeoutMs: number,
    deadlines: Deadlines,
    resolve: (outcome: Outcome) => void,
    reject: (error: Error) => void,
  ) {
    this.expiresAt = this.#startedAt + timeoutMs;
    this.#deadlines = deadlines;
    this.#resolve = resolve;
    this.#reject = reject;
    deadlines.add(this);
  }

  expire(): void {
    this.#settle(this.#status === null ? "timeout" : null, null);
    this.#abort?.();
  }

  onConnect(abort: () => void): void {
    // It ran out while it waited for a connection, which the client gives no way to call off: it must not be sent now.
    if (this.#settled) {
      abort();
    } else {
      this.#abort = abort;
      this.#connectMs = this.#elapsed();
    }
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status >= 200) {
      this.#status = status;
      this.#firstByteMs = this.#elapsed();
      if (status === 429 || status === 503) this.#retryAfterMs = retryAfter(headers);
      this.expiresAt = Math.min(this.expiresAt, performance.now() + DRAIN_MS);
    } else if (status === 101 || ++this.#interim > MAX_INTERIM) {
      this.#settle("protocol", `status ${status}`);
      this.#abort?.();
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#bodyBytes < ANSWER_BYTES) {
      // A copy: the chunk is a view of a far larger buffer, which would be kept with it.
      const kept = Buffer.from(chunk.subarray(0, ANSWER_BYTES - this.#bodyBytes));
      this.#answer = this.#answer === null ? kept : Buffer.concat([this.#answer, kept]);
    }
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > DRAIN_BYTES) {
      this.#settle(null, null);
      this.#abort?.();
    }
    return true;
  }

  onComplete(): void {
    this.#settle(null, null);
  }

  onError(error: Error): void {
    if (this.#settled) return;
    const fault = this.#status === null ? faultOf(error) : null;
    if (this.#status !== null || fault !== null) {
      this.#settle(fault, error instanceof ConnectionFault ? error.message : errorCode(error));
    } else {
      this.#finish();
      this.#reject(error);
    }
  }

  #settle(fault: Fault | null, detail: string | null): void {
    if (this.#settled) return;
    this.#finish();
    const status = this.#status;
    this.#resolve({
      verdict: status !== null && status < 300 ? "delivered" : "failed",
      status,
      fault,
      detail,
      retryAfterMs: this.#retryAfterMs,
      answer: this.#answer === null ? null : text(this.#answer),
      phases: { connectMs: this.#connectMs, firstByteMs: this.#firstByteMs, totalMs: this.#elapsed() },
    });
  }

  #finish(): void {
    this.#settled = true;
    this.#deadlines.delete(this);
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt;
  }
}

/** Null for what is the caller's mistake and no answer to the request. */
function faultOf(error: Error): Fault | null {
  if (error instanceof ConnectionFault) return error.fault;
  const code = errorCode(error);
  if (code === "UND_ERR_HEADERS_OVERFLOW") return "headers_too_large";
  if (code.startsWith("HPE_") || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") return "protocol";
  // The client's words for an answer that it will not read: "bad response", "bad upgrade".
  if (code === "UND_ERR_SOCKET") return error.message.startsWith("bad ") ? "protocol" : "reset";
  if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_CLOSED" || code === "UND_ERR_DESTROYED") return null;
  return SOCKET_ERROR.test(code) ? "reset" : "protocol";
}

/** The system's own, such as ECONNRESET and EPIPE, and TLS alerts on an open connection. */
const SOCKET_ERROR = /^(E[A-Z]+$|ERR_SSL_|ERR_TLS_)/;

function errorCode(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

function retryAfter(headers: readonly Buffer[]): number | null {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]!.toString("latin1").toLowerCase() === "retry-after") {
      return retryAfterMs(headers[index + 1]!.toString("latin1"), Date.now());
    }
  }
  return null;
}

/** What is no UTF-8, a character that was cut too, and NUL, which PostgreSQL does not store, become U+FFFD. */
function text(bytes: Buffer): string {
  return bytes.toString("utf8").replaceAll("\0", "\uFFFD");
}
