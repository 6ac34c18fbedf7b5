import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ReceiverKind } from "./plan.ts";

export interface SeedReceivers {
  /** URL of the account's receiver, on an origin of the kind's own; undefined where it has none. */
  callback(kind: ReceiverKind, account: number): string | undefined;
  close(): Promise<void>;
}

const SLOW_MS = 200;

/** Customers' receivers at loopback ports, one for each way to behave. */
export async function seedReceivers(): Promise<SeedReceivers> {
  const seen = new Set<string>();
  const behaviours: Partial<Record<ReceiverKind, (response: ServerResponse, id: string) => void>> = {
    good: (response) => answer(response, 204),
    slow: (response) => void setTimeout(() => answer(response, 200, "ok"), SLOW_MS),
    // Takes each webhook the second time.
    flaky: (response, id) => {
      answer(response, seen.has(id) ? 200 : 500);
      seen.add(id);
    },
    failing: (response) => answer(response, 500, "Internal Server Error: no connection to the database"),
    gone: (response) => answer(response, 410),
  };
  const servers = new Map<ReceiverKind, Server>();
  const ports = new Map<ReceiverKind, number>();
  for (const [kind, behave] of Object.entries(behaviours) as [ReceiverKind, (typeof behaviours)["good"]][]) {
    const server = createServer((request, response) => {
      request.resume().on("end", () => behave?.(response, String(request.headers["webhook-id"])));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.set(kind, server);
    ports.set(kind, (server.address() as AddressInfo).port);
  }
  // A port that nobody listens on: it was just given back.
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  ports.set("refused", (closed.address() as AddressInfo).port);
  await closeAll([closed]);
  return {
    callback: (kind, account) =>
      kind === "none" ? undefined : `http://127.0.0.1:${ports.get(kind)}/accounts/${account}/receipts`,
    close: () => closeAll([...servers.values()]),
  };
}

function answer(response: ServerResponse, status: number, body = ""): void {
  response.writeHead(status, { "content-type": "text/plain" }).end(body);
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}
