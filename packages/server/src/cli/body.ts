import type { IncomingMessage } from "node:http";

/** A request's body as text. Rejects, and cuts the connection, as soon as it has more octets than these. */
export async function bodyOf(request: IncomingMessage, mostOctets: number): Promise<string> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > mostOctets) throw new Error(`The body has more than ${mostOctets} octets.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
