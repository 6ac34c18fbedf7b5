import type { AddressPolicy } from "../../network/address.ts";
import { ConnectionFault } from "../../network/fault.ts";
import { permittedThroughProxy, proxyAuthorization } from "../../network/proxy.ts";
import { remembered } from "../../runtime/remembered.ts";

export interface ExchangeRequest {
  url: string | URL;
  /** The URL's origin, from `checkCallbackUrl`. */
  origin: string;
  /** Host and Content-Length are added. */
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
}

/** A POST to write. */
export interface Outgoing {
  /** The origin whose connections it may use. */
  origin: string;
  /** Bytes, or text whose characters are all below U+0080. */
  message: string | Buffer;
}

/** Names of header fields are tokens (RFC 9110 §5.1). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** Characters of their values; others could end the field, or be read differently by others. */
const VALUE = /^[\t\x20-\x7e]*$/;

/**
 * Fields of every request. Apache says how long it keeps a connection only if the client asks to keep it; a compressed answer
 * could be shown to nobody.
 */
const COMMON = "connection: keep-alive\r\naccept-encoding: identity\r\nuser-agent: messaging-plus\r\n";

/** Straight to the receiver. @throws TypeError if a header cannot be sent */
export function direct({ url, origin, headers, body }: ExchangeRequest): Outgoing {
  return { origin, message: message(targetOf(String(url)).head, headers, body) };
}

/** The parts of a URL for a request. */
export const targetOf = remembered((url) => {
  const { origin, pathname, search, host } = new URL(url);
  return { origin, head: headOf(pathname + search, host) };
});

/** The beginning of every request to a target. */
function headOf(target: string, host: string): string {
  return `POST ${target} HTTP/1.1\r\nhost: ${host}\r\n`;
}

/** Through a tunnel for https; for http the proxy is asked, with the target's whole URL (RFC 9112 §3.2.2). */
export function throughProxy(proxy: URL, policy: AddressPolicy): typeof direct {
  const authorization = proxyAuthorization(proxy);
  const credentials = authorization === null ? {} : { "proxy-authorization": authorization };
  return (request) => {
    const { protocol, hostname, pathname, search, host } = new URL(request.url);
    if (!permittedThroughProxy(hostname, policy)) throw new ConnectionFault("refused_address", hostname);
    if (protocol === "https:") return direct(request);
    const headers = { ...request.headers, ...credentials };
    const head = headOf(request.origin + pathname + search, host);
    return { origin: proxy.origin, message: message(head, headers, request.body) };
  };
}

function message(begin: string, headers: Readonly<Record<string, string>>, body: string | Buffer): string | Buffer {
  let head = begin;
  for (const name in headers) {
    const value = headers[name]!;
    if (!TOKEN.test(name) || !VALUE.test(value))
      throw new TypeError(`the header ${JSON.stringify(name)} cannot be sent`);
    head += `${name}: ${value}\r\n`;
  }
  const length = Buffer.byteLength(body);
  head += `${COMMON}content-length: ${length}\r\n\r\n`;
  if (typeof body !== "string") return Buffer.concat([Buffer.from(head), body]);
  return length === body.length ? head + body : Buffer.from(head + body);
}
