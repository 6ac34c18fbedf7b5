import { STATUS_CODES } from "node:http";
import { REQUEST_ID } from "./requests.ts";

/** Answers as HTTP/1.1 has them on the connection (RFC 9112), for those that Node's server does not write. */

/** The status line and the fields that do not depend on the request. */
export function rawHead(status: number, fields: Record<string, string>): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`;
  for (const [name, value] of Object.entries(fields)) head += `${name}: ${value}\r\n`;
  return head;
}

/**
 * @param head as `rawHead` makes it
 * @param id the request's, which its answer repeats
 * @param connection the fields that say whether the connection is kept: `KEPT` or `CLOSED`
 */
export function rawAnswer(head: string, id: string, body: string, connection: string): string {
  const length = Buffer.byteLength(body);
  return `${head}${REQUEST_ID}: ${id}\r\ncontent-length: ${length}\r\ndate: ${httpDate()}\r\n${connection}\r\n${body}`;
}

/** As Fastify's `keepAliveTimeout`: how long an idle connection is kept. */
export const KEEP_ALIVE_S = 72;
export const KEPT = `connection: keep-alive\r\nkeep-alive: timeout=${KEEP_ALIVE_S}\r\n`;
export const CLOSED = "connection: close\r\n";

let dateOf = 0;
let date = "";

/** The time as RFC 9110 §5.6.7 writes it, made once a second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== dateOf) {
    dateOf = second;
    date = new Date(second * 1_000).toUTCString();
  }
  return date;
}
