import { BlockList, isIP } from "node:net";

const MAPPED = /^::ffff:(?=\d+\.)/i;

/** Whether a text is an address, or a network as in `192.0.2.0/24`. */
export function isNetwork(text: string): boolean {
  const { address, prefix } = parts(text);
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** Whether an address is in one of these networks; an IPv4 address in an IPv6 socket's form counts as itself. */
export function isWithin(networks: readonly string[], address: string): boolean {
  const plain = address.replace(MAPPED, "");
  const list = new BlockList();
  for (const network of networks) {
    const { address: base, prefix } = parts(network);
    const family = isIP(base) === 4 ? "ipv4" : "ipv6";
    list.addSubnet(base, prefix === undefined ? (family === "ipv4" ? 32 : 128) : Number(prefix), family);
  }
  return list.check(plain, isIP(plain) === 4 ? "ipv4" : "ipv6");
}

/**
 * The part of an address that one customer has to himself: an IPv4 address, or the first 64 bits of an IPv6 address, within
 * which he may take any (RFC 4291 §2.5.1, RFC 8981).
 */
export function sourceOf(address: string): string {
  const plain = address.replace(MAPPED, "").replace(/%.*$/s, "");
  if (isIP(plain) !== 6) return plain;
  const [head = [], tail = []] = plain.split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0"), ...tail];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

function parts(text: string): { address: string; prefix: string | undefined } {
  const [address = "", prefix, ...more] = text.split("/");
  return more.length > 0 ? { address: "", prefix: undefined } : { address, prefix };
}
