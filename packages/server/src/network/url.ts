import { isIPv4 } from "node:net";
import type { AddressPolicy } from "./address.ts";

/** Longest callback URL, in characters. */
export const MAX_CALLBACK_URL = 2_048;

export type CallbackUrl =
  | {
      ok: true;
      /** As the caller wrote it. */
      url: string;
      /** Scheme, host and port as RFC 6454 writes them: lower case, no default port. */
      origin: string;
    }
  | {
      ok: false;
      /** For the caller; reveals nothing about our network. */
      reason: string;
    };

const NOT_PUBLIC = "must have a public host";
/** No name in the DNS has an empty label (RFC 1034 §3.1), but some resolvers forgive it: "127.0.0.1.." is no name. */
const EMPTY_LABEL = /(^|\.)(\.|$)/;
/** The URL parser would drop some and replace others; none can be stored or sent as given. */
const CONTROL_OR_LONE_SURROGATE = /[\p{Cc}\p{Cs}]/u;
/** An authority with an "@", an empty user name too; the URL parser takes any number of either slash before it. */
const USERINFO = /^\s*[a-z][a-z0-9+.-]*:[/\\]*[^/\\?#]*@/i;

/**
 * Whether webhooks may be sent to this URL, as far as its text shows: nothing is looked up here. The host is read as
 * browsers read it (WHATWG URL), which turns every spelling of an IPv4 address (decimal, octal, hexadecimal, short,
 * full-width) into four decimal numbers, so that the checked address is the one that would be dialled.
 */
export function checkCallbackUrl(text: string, policy: AddressPolicy): CallbackUrl {
  if (text.length > MAX_CALLBACK_URL) return refused(`must be at most ${MAX_CALLBACK_URL} characters long`);
  if (CONTROL_OR_LONE_SURROGATE.test(text)) return refused("must not hold control characters");
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return refused("must be an http or https URL");
  }
  if (USERINFO.test(text)) return refused("must not hold a user name or password");
  if (!hostAccepted(url.hostname, policy)) return refused(NOT_PUBLIC);
  return { ok: true, url: text, origin: url.origin };
}

/** Whether a URL's host, an address (IPv6 in brackets) or a name, may be called before anything is looked up. */
export function hostAccepted(hostname: string, policy: AddressPolicy): boolean {
  const ip = literalAddress(hostname);
  if (ip !== null) return policy.accepts(ip);
  if (policy.allowPrivateAddresses) return true;
  const name = withoutRootDot(hostname);
  if (isLocalhost(name)) return policy.allowLoopback;
  if (!name.includes(".") || EMPTY_LABEL.test(name)) return false;
  return !name.endsWith(".local") && !name.endsWith(".internal");
}

/** The address in a URL's host, without the brackets of IPv6; null for a name. */
export function literalAddress(hostname: string): string | null {
  if (hostname.startsWith("[")) return hostname.slice(1, -1);
  return isIPv4(hostname) ? hostname : null;
}

/** `localhost` and all names under it, which are loopback by definition (RFC 6761 §6.3). Expects lower case. */
export function isLocalhost(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost");
}

/** A name without the dot that marks it as absolute (RFC 1034 §3.1). */
export function withoutRootDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

function refused(reason: string): CallbackUrl {
  return { ok: false, reason };
}
