import type { IncomingHttpHeaders } from "node:http";
import { isHost } from "../request-head.ts";
import type { SendPath } from "./sending.ts";

/** `POST /message` or `POST /batch` in the form that nearly every client sends. */
export interface PlainRequest {
  path: SendPath;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A plain request; or the missing octets of a plain one's body; or anything else. */
export type PlainReading = PlainRequest | number | "other";

/** Most octets of a header; Node's own limit is 16 KiB. */
const MAX_HEAD = 8 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * The request line and the fields of RFC 9112 §3 and §5 in the narrow form that leaves nothing to interpret: no
 * percent-encoding, no empty value, no character but visible ASCII and blanks, no folding, no bare CR or LF.
 */
const HEAD = /^POST (\/message|\/batch)(?:\?([\w=&-]*))? HTTP\/1\.1\r\n((?:[\w-]+: ?[\x21-\x7e][\x20-\x7e]*\r\n)+)$/;

/** Fields that the routes read; each may be there once. */
const READ = new Set([
  "host",
  "content-length",
  "content-type",
  "authorization",
  "idempotency-key",
  "x-request-id",
  "traceparent",
]);
/**
 * Fields that change how a message is read, or the fate of its connection (RFC 9112 §6, §7, §9; RFC 9110 §7.6, §8.4, §10.1).
 */
const CHANGING = new Set([
  "transfer-encoding",
  "content-encoding",
  "te",
  "trailer",
  "expect",
  "upgrade",
  "proxy-connection",
  "keep-alive",
]);

/** The content of a head; `length` is its body's. */
export interface PlainHead extends Omit<PlainRequest, "body"> {
  length: number;
}

/**
 * Reads bytes that are exactly one whole request. It never decides the meaning of an unusual request: that is "other", and up
 * to Node's own parser.
 * @param read as `readHead`
 */
export function readPlainRequest(bytes: Buffer, bodyLimit: number, read = readHead): PlainReading {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0 || end > MAX_HEAD) return "other";
  const head = read(bytes.toString("latin1", 0, end + 2));
  if (head === null) return "other";
  const { path, query, headers, length } = head;
  const from = end + HEAD_END.length;
  const missing = length - (bytes.length - from);
  if (length > bodyLimit || missing < 0) return "other";
  if (missing > 0) return missing;
  return { path, query, headers, body: bytes.subarray(from) };
}

/** Null if it is no plain head. */
export function readHead(text: string): PlainHead | null {
  const head = HEAD.exec(text);
  if (head === null) return null;
  const headers = readFields(head[3] as string);
  const query = readPairs(head[2]);
  if (headers === null || query === null) return null;
  const { host, "content-length": length } = headers;
  if (host === undefined || !isHost(host) || length === undefined || !/^\d{1,9}$/.test(length)) return null;
  return { path: head[1] as SendPath, query, headers, length: Number(length) };
}

/** Null if Node's parser should judge one of the fields. */
function readFields(lines: string): Record<string, string> | null {
  const fields: Record<string, string> = {};
  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(":", at);
    const end = lines.indexOf("\r\n", colon);
    const name = lines.slice(at, colon).toLowerCase();
    if (CHANGING.has(name)) return null;
    if (name === "connection") {
      if (
        lines
          .slice(colon + 1, end)
          .trim()
          .toLowerCase() !== "keep-alive"
      )
        return null;
    } else if (READ.has(name)) {
      if (Object.hasOwn(fields, name)) return null;
      fields[name] = lines.slice(colon + 1, end).trim();
    }
    at = end + 2;
  }
  return fields;
}

/** Null if a parameter is repeated, or has no `=` or more than one. */
function readPairs(text: string | undefined): Record<string, string> | null {
  const pairs: Record<string, string> = {};
  if (text === undefined || text === "") return pairs;
  for (const pair of text.split("&")) {
    const [name, value, more] = pair.split("=");
    if (!name || value === undefined || more !== undefined || name in pairs) return null;
    pairs[name] = value;
  }
  return pairs;
}
