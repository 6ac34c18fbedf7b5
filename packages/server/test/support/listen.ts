import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** A receiver on a port of its own at loopback. */
export interface Listening {
  port: number;
  /** Connections that were made to it. */
  connections: Socket[];
  close(): Promise<void>;
}

export function listen(serve: (socket: Socket) => void, port = 0): Promise<Listening> {
  return listening(createServer({ noDelay: true }), "connection", serve, port);
}

export function listenTls(options: TlsOptions, serve: (socket: Socket) => void, port = 0): Promise<Listening> {
  return listening(createTlsServer(options), "secureConnection", serve, port);
}

/** One of the certificates in test/notify, with its key. */
export function certificate(name: string): { cert: Buffer; key: Buffer } {
  return { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
}

export const authority = pem("authority.crt");

function pem(file: string): Buffer {
  return readFileSync(new URL(`../notify/certificates/${file}`, import.meta.url));
}

async function listening(server: Server, event: string, serve: (socket: Socket) => void, port = 0): Promise<Listening> {
  const open = new Set<Socket>();
  const connections: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
  });
  server.on("tlsClientError", () => undefined);
  server.on(event, (socket: Socket) => {
    connections.push(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Calls back for every request whose head and body have come in; bodies are told by Content-Length. */
export function onRequest(socket: Socket, requested: (request: string) => void): void {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (;;) {
      const end = text.indexOf("\r\n\r\n") + 4;
      const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, Math.max(0, end)))?.[1] ?? 0);
      if (end < 4 || text.length < end + length) return;
      const request = text.slice(0, end + length);
      text = text.slice(end + length);
      requested(request);
    }
  });
}
