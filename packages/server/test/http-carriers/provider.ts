import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { until } from "../support/until.ts";

/** A request as the provider got it. */
export interface Asked {
  method: string;
  /** Path and query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
  form: URLSearchParams;
  /** Undefined where the body is no JSON. */
  json: Record<string, unknown> | undefined;
}

/** An answer; one that never comes; the connection cut. */
export type Reply =
  | { status?: number; headers?: Record<string, string>; body?: unknown; before?: () => Promise<unknown> }
  | "silence"
  | "reset";

/** The API of an SMS provider on a loopback port: each request gets the reply that its test scripted for the handset. */
export class Provider {
  readonly asked: Asked[] = [];
  readonly #to: (asked: Asked) => string;
  readonly #usual: (asked: Asked, count: number) => Reply;
  readonly #scripts = new Map<string, ((count: number, asked: Asked) => Reply)[]>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #port = 0;

  /**
   * @param to the handset that a request is for, in digits
   * @param usual the reply where nothing is scripted; `count` numbers all requests from 1
   */
  constructor(to: (asked: Asked) => string, usual: (asked: Asked, count: number) => Reply) {
    this.#to = to;
    this.#usual = usual;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Replies to a handset's messages in turn; after the last the usual one. */
  script(handset: string, ...replies: (Reply | ((count: number, asked: Asked) => Reply))[]): void {
    this.#scripts.set(
      handset,
      replies.map((reply) => (typeof reply === "function" ? reply : () => reply)),
    );
  }

  to(handset: string): Asked[] {
    return this.asked.filter((asked) => this.#to(asked) === handset);
  }

  waitFor(handset: string, count = 1): Promise<Asked[]> {
    return until(
      `${count} requests to send to ${handset}`,
      () => this.to(handset).length >= count && this.to(handset),
      () => this.asked.slice(-20).map((asked) => [asked.method, asked.path, asked.body]),
    );
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const { method = "", url = "", headers } = request;
    const query = new URL(url, this.url).searchParams;
    const asked = { method, path: url, query, headers, body, form: new URLSearchParams(body), json: jsonOf(body) };
    this.asked.push(asked);
    const count = this.asked.length;
    const scripted = this.#scripts.get(this.#to(asked))?.shift();
    const reply = scripted?.(count, asked) ?? this.#usual(asked, count);
    if (reply === "reset") response.socket?.resetAndDestroy();
    else if (reply !== "silence") {
      await reply.before?.();
      const answer = reply.body ?? "";
      const type = typeof answer === "string" ? "text/plain" : "application/json";
      response.writeHead(reply.status ?? 200, { "content-type": type, ...reply.headers });
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    }
  }
}

function jsonOf(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
