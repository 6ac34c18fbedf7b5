import { Agent, type ClientRequestArgs, type IncomingHttpHeaders, request } from "node:http";
import type { Duplex } from "node:stream";
import type { AddressPolicy } from "../network/address.ts";
import { type Connector, guardedConnector } from "../network/connector.ts";
import { literalAddress } from "../network/url.ts";

export interface HttpRequest {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Null for none. */
  body: string | null;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** At most 64 KiB; the rest is dropped. */
  body: string;
}

/** No connection could be made: nothing of the request has left. */
export class NotConnected extends Error {
  override readonly name = "NotConnected";
}

/** Rejects if no whole answer came in time; a redirect is an answer like any other. */
export type Ask = (request: HttpRequest) => Promise<HttpAnswer>;
/** A POST. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<Pick<HttpAnswer, "status" | "body">>;

export interface HttpClient {
  ask: Ask;
  post: Post;
  /** Ends every connection with its requests. */
  close(): void;
}

const MOST_CHARACTERS = 64 * 1024;
/** As in the webhooks' client: many servers (Node's own, too) close idle connections after 5 s. */
const KEEP_IDLE_MS = 4_000;

/** HTTP/1.1 over kept connections, to hosts of the operator's choice. */
export function httpClient(policy: AddressPolicy, timeoutMs: number): HttpClient {
  const connect = guardedConnector({ policy, timeoutMs });
  const [plain, secure] = [new GuardedAgent(connect, "http:"), new GuardedAgent(connect, "https:")];
  const ask: Ask = ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const { protocol, hostname, port, host, pathname, search } = new URL(url);
      let connected = false;
      const outgoing = request({
        agent: protocol === "https:" ? secure : plain,
        method,
        hostname: literalAddress(hostname) ?? hostname,
        port: port || (protocol === "https:" ? 443 : 80),
        path: pathname + search,
        headers: { ...headers, host, ...(body === null ? {} : { "content-length": Buffer.byteLength(body) }) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      // The agent emits a socket once it is connected, TLS included.
      outgoing.on("socket", () => {
        connected = true;
      });
      outgoing.on("error", (error) => {
        reject(connected ? error : new NotConnected(error.message, { cause: error }));
      });
      outgoing.on("response", (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (piece: string) => {
          if (text.length < MOST_CHARACTERS) text += piece;
        });
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
      });
      outgoing.end(body ?? undefined);
    });
  const post: Post = (url, headers, body) => ask({ method: "POST", url, headers, body });
  const close = (): void => {
    plain.destroy();
    secure.destroy();
  };
  return { ask, post, close };
}

/** Node's agent, over connections that the guard makes: the agent has the pools, the guard the addresses and TLS. */
class GuardedAgent extends Agent {
  readonly #connect: Connector;
  readonly #protocol: string;

  constructor(connect: Connector, protocol: string) {
    super({ keepAlive: true, timeout: KEEP_IDLE_MS });
    this.#connect = connect;
    this.#protocol = protocol;
  }

  override createConnection(
    { hostname, port }: ClientRequestArgs,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const target = { hostname: String(hostname), port: String(port), protocol: this.#protocol };
    // With an error there is no socket, whatever the type says.
    this.#connect(target, (error, socket) => callback?.(error, socket as Duplex));
  }
}
