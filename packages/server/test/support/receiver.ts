import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { until } from "./until.ts";

/** A webhook as it came in. */
export interface Received {
  method: string;
  path: string;
  /** Names and values in turn, as they were written. */
  rawHeaders: string[];
  headers: IncomingMessage["headers"];
  body: string;
  at: number;
}

/** How a request is answered: a status, with headers; or the connection cut off without one. */
export type Reply = number | { status: number; headers?: Record<string, string>; body?: string } | "reset";

export interface Receiver {
  url(path: string): string;
  /** Replies at a path in turn; the last stands for all further requests. Without any: 200. */
  script(path: string, ...replies: Reply[]): void;
  received(path: string): Received[];
  /** At whatever path. */
  all(): readonly Received[];
  /** Waits until there are `count` at a path. */
  waitFor(path: string, count: number): Promise<Received[]>;
  close(): Promise<void>;
}

/** A customer's webhook receiver at a loopback port of its own. */
export async function receiver(): Promise<Receiver> {
  const requests: Received[] = [];
  const scripts = new Map<string, Reply[]>();
  const received = (path: string) => requests.filter((request) => request.path === path);
  const server = createServer((request, response) => {
    void text(request).then(
      (body) => {
        const { method = "", url = "", rawHeaders, headers } = request;
        requests.push({ method, path: url, rawHeaders, headers, body, at: Date.now() });
        const replies = scripts.get(url) ?? [];
        answer(response, (replies.length > 1 ? replies.shift() : replies[0]) ?? 200);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    script: (path, ...replies) => void scripts.set(path, replies),
    received,
    all: () => requests,
    waitFor: (path, count) =>
      until(
        `${count} webhooks at ${path}`,
        () => received(path).length >= count && received(path),
        () => requests.slice(-20).map((request) => [request.path, request.body]),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers = {}, body = "" } = typeof reply === "number" ? { status: reply } : reply;
  response.writeHead(status, headers).end(body);
}
