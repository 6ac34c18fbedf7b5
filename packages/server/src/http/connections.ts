import type { Server } from "node:http";
import { Server as TlsServer } from "node:tls";

/** The event for a connection over which requests can come: over TLS, once its handshake is done. */
export function connectionEvent(server: Server): string {
  return server instanceof TlsServer ? "secureConnection" : "connection";
}
