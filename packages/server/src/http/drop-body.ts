import type { IncomingMessage } from "node:http";

/**
 * Reads what is left of a body and drops it: `most` octets at most, in the time that a request may take. Answered and
 * closed before, the connection would be reset under a client that still writes, which then never sees the answer.
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
