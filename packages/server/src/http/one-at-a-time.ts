import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Begins a request only once the answer before it on the same connection is written, as the fast path does. Node begins all
 * requests that a client sends ahead at once: one client's thousand would run at a time. While one waits, no more is read
 * from its connection.
 */
export function oneAtATime(server: Server): void {
  const [handle, ...others] = server.listeners("request") as Handle[];
  if (handle === undefined || others.length > 0) throw new Error("Fastify's server has one listener for requests");
  /** The waiting requests of each connection with a request under way. */
  const waiting = new WeakMap<Socket, [IncomingMessage, ServerResponse][]>();
  const begin = (request: IncomingMessage, response: ServerResponse): void => {
    response.once("close", () => next(request.socket));
    handle.call(server, request, response);
  };
  const next = (socket: Socket): void => {
    const ahead = socket.writable ? waiting.get(socket)?.shift() : undefined;
    if (ahead !== undefined) begin(...ahead);
    else {
      waiting.delete(socket);
      socket.resume();
    }
  };
  server.off("request", handle);
  server.on("request", (request, response) => {
    const { socket } = request;
    const ahead = waiting.get(socket);
    if (ahead === undefined) {
      waiting.set(socket, []);
      begin(request, response);
    } else {
      ahead.push([request, response]);
      socket.pause();
    }
  });
}
