import type { IncomingMessage } from "node:http";
import { Rejected } from "../runtime/errors.ts";

/** `uri-host [":" port]` of RFC 9110 §7.2; the host by RFC 3986 §3.2.2, without checking the inside of brackets. */
const HOST = /^(?:\[[\w.:~!$&'()*+,;=-]+\]|(?:[\w.~!$&'()*+;=-]|%[\da-f]{2})*)(?::\d*)?$/i;

/** Whether a request may name this host. An empty one is for requests to no host at all (RFC 9110 §7.2). */
export function isHost(value: string): boolean {
  return HOST.test(value);
}

/**
 * The fault of a request's head that Node's parser lets through; null without one. Two readers of one request must not differ
 * in its host, its end, or its content.
 */
export function headFault({ httpVersion, method = "", headers, rawHeaders }: IncomingMessage): Rejected | null {
  const { host, "transfer-encoding": transferCoding, "content-encoding": contentCoding = "" } = headers;
  if (transferCoding !== undefined) {
    if (httpVersion !== "1.1") {
      return new Rejected("malformed-request", "Transfer-Encoding is not of HTTP/1.0 (RFC 9112 §6.1).");
    }
    if (transferCoding.toLowerCase() !== "chunked") {
      return new Rejected("unsupported-transfer-coding", "Only the Transfer-Encoding chunked is supported.");
    }
  }
  if (host === undefined) {
    return httpVersion === "1.1"
      ? new Rejected("malformed-request", "The request names no host (RFC 9112 §3.2).")
      : null;
  }
  // Node keeps the first of several.
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts > 1 || !isHost(host)) {
    return new Rejected("malformed-request", "The request must have one Host, a name or an address (RFC 9112 §3.2).");
  }
  if (READ.has(method) && !/^(?:identity)?$/i.test(contentCoding)) {
    return new Rejected("unsupported-content-coding", "Send the body without a Content-Encoding.");
  }
  return null;
}

/** Methods whose requests have a body that is read. */
const READ = new Set(["POST", "PUT", "PATCH"]);
