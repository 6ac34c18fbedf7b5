import type { Fault } from "./fault.ts";

/** Statuses that may come from a proxy itself as well as from a receiver behind it. */
const AMBIGUOUS = new Set([403, 500, 502, 503, 504]);

/** The fields of an answer that tell whether a proxy wrote it, or passed it on. */
export interface ProxyAnswer {
  status: number;
  /** It has a Via field. */
  via: boolean;
  /** The error named by Squid's `X-Squid-Error` or by Proxy-Status (RFC 9209 §2.1.1); null without either. */
  proxyError: string | null;
}

/**
 * Tells a proxy's own answers from those that it passes on. It must add a Via field to each of the latter (RFC 9110 §7.6.3).
 * After a proxy has been seen not to, every answer that is not plainly its own counts as passed on.
 */
export class ProxyAnswers {
  #addsVia = true;

  isOwn({ status, via, proxyError }: ProxyAnswer): boolean {
    if (status === 407 || proxyError !== null) return true;
    if (via) this.#addsVia = true;
    else if (!AMBIGUOUS.has(status)) this.#addsVia = false;
    return !via && this.#addsVia && AMBIGUOUS.has(status);
  }
}

/**
 * The receiver's fault in a proxy's own answer: it has no name, does not answer, or cannot be reached, as we should have
 * found without a proxy. Null if the fault may as well be the proxy's own. By the practice of proxies: Squid says 503 and
 * `ERR_CONNECT_FAIL` of a receiver that is down, Tinyproxy 500, and 504 is for one that keeps the proxy waiting (RFC 9110
 * §15.6.5).
 */
export function receiversFault({ status, proxyError }: ProxyAnswer): Fault | null {
  const error = proxyError ?? "";
  if (/^(ERR_DNS_|dns_)/.test(error)) return "dns";
  if (status === 504 || /_timeout$/i.test(error)) return "timeout";
  if (status === 500 || /^(ERR_CONNECT_FAIL|connection_|destination_)/.test(error)) return "connect";
  return null;
}

/** Reads a proxy's answer to CONNECT. @param head up to its empty line; null if it is no HTTP/1.x answer */
export function readConnectAnswer(head: string): ProxyAnswer | null {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(head)?.[1];
  if (status === undefined) return null;
  const squid = /\r\nx-squid-error:[ \t]*(\w+)/i.exec(head)?.[1];
  const named = /\r\nproxy-status:[^\r]*\berror=(\w+)/i.exec(head)?.[1];
  return { status: Number(status), via: /\r\nvia:/i.test(head), proxyError: squid ?? named ?? null };
}
