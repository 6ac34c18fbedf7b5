import type { IncomingMessage } from "node:http";

/**
 * Reads the rest of a body and drops it: at most `most` octets, within the time of a request. If the connection closed before,
 * it would be reset under a client that still writes, and the client would never see the answer.
 */
export function dropBody(message: IncomingMessage, most: number): Promise<void> {
  if (message.complete || message.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left = most;
    message.unpipe();
    message.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) resolve();
    });
    message.on("end", resolve);
    message.on("close", resolve);
    message.resume();
  });
}
