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

/** Passed on and answered; passed on, and its answer dropped with the connection; or answered by the proxy itself. */
export type Turn = "pass" | "drop the answer" | { status: number; headers?: Record<string, string>; body?: string };

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
    const onward = request(new URL(url, target), { method, headers }, async (answer) => {
      const text = await buffer(answer);
      if (turn === "drop the answer") outgoing.socket?.resetAndDestroy();
      else outgoing.writeHead(answer.statusCode ?? 0, answer.headers).end(text);
    });
    onward.on("error", () => outgoing.destroy());
    onward.end(body);
  });
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
