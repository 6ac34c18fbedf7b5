import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request as it came by. */
export interface Passed {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What becomes of a request that is passed on, or what the proxy answers itself. */
export type Turn =
  | "pass"
  /** The connection is cut when the answer is there. */
  | "drop the answer"
  /** The connection is cut amid the answer. */
  | "cut the answer"
  /** Nothing is said. */
  | "hold the answer"
  | { status: number; headers?: Record<string, string>; body?: string };

export interface Proxy {
  url: string;
  passed: Passed[];
  /** What becomes of the next requests; those behind them are passed. */
  next(...turns: Turn[]): void;
  close(): Promise<void>;
}

/** A proxy on loopback in front of a server. */
export async function proxyTo(target: string): Promise<Proxy> {
  const passed: Passed[] = [];
  const turns: Turn[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const body = await buffer(incoming);
    passed.push({ method, url, headers, body: body.toString("utf8") });
    const turn = turns.shift() ?? "pass";
    if (typeof turn === "object") {
      outgoing.writeHead(turn.status, turn.headers ?? {}).end(turn.body ?? "");
      return;
    }
    // A connection of its own: one that was used before may be closed by the server at this moment.
    const onward = request(new URL(url, target), { method, headers, agent: false }, async (answer) => {
      const text = await buffer(answer);
      const { statusCode = 0, headers: answered } = answer;
      if (turn === "hold the answer") return;
      if (turn === "drop the answer") outgoing.socket?.resetAndDestroy();
      else if (turn === "pass") outgoing.writeHead(statusCode, answered).end(text);
      else {
        outgoing.writeHead(statusCode, { ...answered, "content-length": text.length });
        outgoing.write(text.subarray(0, -1), () => outgoing.destroy());
      }
    });
    onward.on("error", () => outgoing.destroy());
    onward.end(body);
  });
  // The same towards the client: idle connections stay.
  server.keepAliveTimeout = 0;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    next: (...more) => void turns.push(...more),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
