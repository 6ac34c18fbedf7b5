import { isIPv4, isIPv6 } from "node:net";

/**
 * The purpose of an IP address, by the IANA special-purpose address registries (RFC 6890) and the RFCs at each row below.
 * Only a `public` address can be a stranger's webhook receiver.
 */
export type AddressClass =
  | "public"
  | "loopback"
  | "private"
  | "shared"
  | "link_local"
  | "unspecified"
  | "multicast"
  | "broadcast"
  | "documentation"
  | "benchmarking"
  | "infrastructure"
  | "transition"
  | "reserved"
  | "invalid";

interface Network {
  bytes: readonly number[];
  prefixLength: number;
}

const IPV4_CLASSES = classes([
  ["127.0.0.0/8", "loopback"], // RFC 1122 §3.2.1.3
  ["10.0.0.0/8", "private"], // RFC 1918
  ["172.16.0.0/12", "private"], // RFC 1918
  ["192.168.0.0/16", "private"], // RFC 1918
  ["169.254.0.0/16", "link_local"], // RFC 3927; clouds serve their credentials at 169.254.169.254
  ["100.64.0.0/10", "shared"], // RFC 6598, carrier-grade NAT
  ["0.0.0.0/8", "unspecified"], // RFC 791 §3.2; most systems connect 0.0.0.0 to themselves
  ["255.255.255.255/32", "broadcast"], // RFC 919 §7
  ["224.0.0.0/4", "multicast"], // RFC 5771
  ["192.0.0.0/24", "infrastructure"], // RFC 6890 §2.1, protocol assignments
  ["192.31.196.0/24", "infrastructure"], // RFC 7535, AS112
  ["192.52.193.0/24", "infrastructure"], // RFC 7450, AMT
  ["192.88.99.0/24", "transition"], // RFC 7526, 6to4 relays (deprecated)
  ["192.175.48.0/24", "infrastructure"], // RFC 7534, AS112
  ["192.0.2.0/24", "documentation"], // RFC 5737
  ["198.51.100.0/24", "documentation"], // RFC 5737
  ["203.0.113.0/24", "documentation"], // RFC 5737
  ["198.18.0.0/15", "benchmarking"], // RFC 2544
  ["240.0.0.0/4", "reserved"], // RFC 1112 §4
]);

const IPV6_CLASSES = classes([
  ["::1/128", "loopback"], // RFC 4291 §2.5.3
  ["::/128", "unspecified"], // RFC 4291 §2.5.2
  ["::/96", "transition"], // RFC 4291 §2.5.5.1, IPv4-compatible (deprecated)
  ["::ffff:0:0:0/96", "transition"], // RFC 2765 §2.1, IPv4-translated
  ["64:ff9b:1::/48", "transition"], // RFC 8215, NAT64 of one's own network
  ["2002::/16", "transition"], // RFC 3056, 6to4
  ["2001::/32", "transition"], // RFC 4380, Teredo
  ["2001:2::/48", "benchmarking"], // RFC 5180
  ["2001:db8::/32", "documentation"], // RFC 3849
  ["2001::/23", "infrastructure"], // RFC 2928: anycast services, ORCHID, DRIP
  ["2620:4f:8000::/48", "infrastructure"], // RFC 7534, AS112
  ["3fff::/20", "documentation"], // RFC 9637
  ["fe80::/10", "link_local"], // RFC 4291 §2.5.6
  ["fec0::/10", "private"], // RFC 3879, site-local (deprecated)
  ["fc00::/7", "private"], // RFC 4193
  ["ff00::/8", "multicast"], // RFC 4291 §2.7
]);

const GLOBAL_UNICAST = network("2000::/3"); // the only block that IANA hands out, RFC 4291 §2.4 and its IPv6 registry
const IPV4_MAPPED = network("::ffff:0:0/96"); // RFC 4291 §2.5.5.2: the system dials the IPv4 address itself
const NAT64 = network("64:ff9b::/96"); // RFC 6052 §2.1
/** ISATAP's interface identifiers under any prefix, RFC 5214 §6.1: bytes 8–11. */
const ISATAP = [
  [0x00, 0x00, 0x5e, 0xfe],
  [0x02, 0x00, 0x5e, 0xfe],
] as const;

/**
 * The class of an IP address in its textual form (RFC 4291 §2.2 or four decimal numbers; a zone id is ignored).
 * Anything else, brackets and the old octal, hexadecimal and short spellings of IPv4 too, is `invalid`.
 */
export function classifyAddress(ip: string): AddressClass {
  const bytes = parse(ip);
  if (bytes === null) return "invalid";
  return bytes.length === 4 ? classifyIPv4(bytes) : classifyIPv6(bytes);
}

function classifyIPv4(bytes: readonly number[]): AddressClass {
  return IPV4_CLASSES.find((row) => contains(row.network, bytes))?.addressClass ?? "public";
}

function classifyIPv6(bytes: readonly number[]): AddressClass {
  if (contains(IPV4_MAPPED, bytes)) return classifyIPv4(bytes.slice(12));
  // A NAT64 gateway takes the packet off this machine: an address that contains a loopback one is not loopback.
  if (contains(NAT64, bytes)) return classifyIPv4(bytes.slice(12)) === "public" ? "public" : "transition";
  const special = IPV6_CLASSES.find((row) => contains(row.network, bytes));
  if (special) return special.addressClass;
  if (ISATAP.some((identifier) => identifier.every((byte, index) => bytes[8 + index] === byte))) return "transition";
  return contains(GLOBAL_UNICAST, bytes) ? "public" : "reserved";
}

/** The addresses that may be dialled, by the operator's configuration. */
export interface AddressRules {
  /** `callbacks.allowPrivateAddresses: true`: the guard is off, every address may be dialled. */
  allowPrivateAddresses: boolean;
  /** Loopback may be dialled beside public addresses. */
  allowLoopback: boolean;
  /** `network: "loopback"`: whatever else is allowed, only loopback is dialled and no name is looked up. */
  onlyLoopback: boolean;
  /** Networks (CIDR, or single addresses) that may be dialled whatever their class. */
  allowNetworks: readonly string[];
}

export interface AddressPolicy extends Readonly<AddressRules> {
  /** Whether a URL may name this address: the rules without `onlyLoopback`, which is about connections only. */
  accepts(ip: string): boolean;
  /** Whether a connection to this address may be made. */
  permits(ip: string): boolean;
}

/** @throws Error if one of `allowNetworks` is neither a network nor an address */
export function addressPolicy(rules: AddressRules): AddressPolicy {
  const allowed = rules.allowNetworks.map(network);
  const accepts = (ip: string): boolean => {
    const addressClass = classifyAddress(ip);
    if (addressClass === "public") return true;
    if (addressClass === "invalid") return false;
    if (rules.allowPrivateAddresses) return true;
    if (rules.allowLoopback && addressClass === "loopback") return true;
    const bytes = unmapped(parse(ip)!);
    return allowed.some((each) => contains(each, bytes));
  };
  const permits = (ip: string): boolean => accepts(ip) && (!rules.onlyLoopback || classifyAddress(ip) === "loopback");
  return { ...rules, accepts, permits };
}

/**
 * The 4 or 16 bytes of an address, or null if the text is none. Our own parser, because ipaddr.js (2.5.0) takes `::1.2.3.4`
 * for `::ffff:1.2.3.4`: the checked address must be the one that the system dials.
 */
function parse(ip: string): number[] | null {
  if (isIPv4(ip)) return ip.split(".").map(Number);
  if (!isIPv6(ip)) return null;
  const [head, tail] = ip.split("%", 1)[0]!.split("::");
  const before = groups(head!);
  const after = groups(tail ?? "");
  return [...before, ...Array<number>(16 - before.length - after.length).fill(0), ...after];
}

/** The bytes of one side of an IPv6 address's `::`. */
function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function unmapped(bytes: readonly number[]): readonly number[] {
  return bytes.length === 16 && contains(IPV4_MAPPED, bytes) ? bytes.slice(12) : bytes;
}

function network(text: string): Network {
  const [ip, length, ...rest] = text.split("/");
  const bytes = parse(ip!);
  const longest = (bytes?.length ?? 0) * 8;
  const prefixLength = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (bytes === null || rest.length > 0 || !(prefixLength <= longest)) throw new Error(`not a network: ${text}`);
  return { bytes, prefixLength };
}

function classes(
  rows: readonly (readonly [string, AddressClass])[],
): { network: Network; addressClass: AddressClass }[] {
  return rows.map(([cidr, addressClass]) => ({ network: network(cidr), addressClass }));
}

function contains({ bytes: prefix, prefixLength }: Network, bytes: readonly number[]): boolean {
  if (prefix.length !== bytes.length) return false;
  const whole = prefixLength >> 3;
  for (let index = 0; index < whole; index++) if (prefix[index] !== bytes[index]) return false;
  const mask = 0xff & (0xff00 >> (prefixLength & 7));
  return mask === 0 || ((prefix[whole]! ^ bytes[whole]!) & mask) === 0;
}
