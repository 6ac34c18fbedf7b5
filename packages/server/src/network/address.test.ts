import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { chances } from "../../test/support/chances.ts";
import { type AddressClass, type AddressRules, addressPolicy, classifyAddress } from "./address.ts";

describe("the class of", () => {
  test.each<[string, AddressClass]>([
    ["93.184.215.14", "public"],
    ["1.1.1.1", "public"],
    ["223.255.255.255", "public"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["10.0.0.1", "private"],
    ["172.15.255.255", "public"],
    ["172.16.0.0", "private"],
    ["172.31.255.255", "private"],
    ["172.32.0.0", "public"],
    ["192.168.1.1", "private"],
    ["169.254.169.254", "link_local"],
    ["100.63.255.255", "public"],
    ["100.64.0.1", "shared"],
    ["100.127.255.255", "shared"],
    ["100.128.0.0", "public"],
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["255.255.255.255", "broadcast"],
    ["224.0.0.1", "multicast"],
    ["239.255.255.255", "multicast"],
    ["240.0.0.1", "reserved"],
    ["192.0.0.8", "infrastructure"],
    ["192.0.2.1", "documentation"],
    ["198.51.100.7", "documentation"],
    ["203.0.113.9", "documentation"],
    ["198.18.0.1", "benchmarking"],
    ["198.19.255.255", "benchmarking"],
    ["198.20.0.0", "public"],
    ["192.88.99.1", "transition"],
    ["192.31.196.1", "infrastructure"],
    ["192.175.48.1", "infrastructure"],
    ["192.52.193.1", "infrastructure"],

    ["2606:4700:4700::1111", "public"],
    ["2a00:1450:4001:80b::200e", "public"],
    ["::1", "loopback"],
    ["0:0:0:0:0:0:0:1", "loopback"],
    ["::", "unspecified"],
    ["::2", "transition"],
    ["::127.0.0.1", "transition"],
    ["::93.184.215.14", "transition"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["::ffff:10.0.0.1", "private"],
    ["::FFFF:A9FE:A9FE", "link_local"],
    ["::ffff:93.184.215.14", "public"],
    ["::ffff:0:127.0.0.1", "transition"],
    ["64:ff9b::127.0.0.1", "transition"],
    ["64:ff9b::a9fe:a9fe", "transition"],
    ["64:ff9b::93.184.215.14", "public"],
    ["64:ff9b:1::10.0.0.1", "transition"],
    ["64:ff9b:1:2:3:4:5db8:d70e", "transition"],
    ["2002:7f00:1::", "transition"],
    ["2002:5db8:d70e::1", "transition"],
    ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "transition"],
    ["2606:4700::5efe:10.0.0.1", "transition"],
    ["2606:4700::200:5efe:5db8:d70e", "transition"],
    ["fe80::5efe:10.0.0.1", "link_local"],
    ["fe80::1", "link_local"],
    ["fe80::1%eth0", "link_local"],
    ["febf:ffff::1", "link_local"],
    ["fec0::1", "private"],
    ["fc00::1", "private"],
    ["fd12:3456:789a::1", "private"],
    ["ff02::1", "multicast"],
    ["2001:db8::1", "documentation"],
    ["3fff:fff::1", "documentation"],
    ["2001:2::1", "benchmarking"],
    ["2001:1::1", "infrastructure"],
    ["2001:20::1", "infrastructure"],
    ["2001:1ff::1", "infrastructure"],
    ["2001:200::1", "public"],
    ["2620:4f:8000::1", "infrastructure"],
    ["100::1", "reserved"],
    ["5f00::1", "reserved"],
    ["4000::1", "reserved"],
    ["1fff::1", "reserved"],

    ["", "invalid"],
    ["localhost", "invalid"],
    ["127.1", "invalid"],
    ["0177.0.0.1", "invalid"],
    ["2130706433", "invalid"],
    ["0x7f000001", "invalid"],
    ["127.0.0.1.", "invalid"],
    [" 127.0.0.1", "invalid"],
    ["[::1]", "invalid"],
    ["::1/128", "invalid"],
    ["1.2.3.4:80", "invalid"],
  ])("%j is %s", (ip, addressClass) => {
    expect(classifyAddress(ip)).toBe(addressClass);
  });
});

const quad = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join("."));
const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
const hex = (parts: readonly number[]): string => parts.map((part) => part.toString(16)).join(":");
/** Any address, with a leaning towards the special blocks. */
const ipv6 = fc.oneof(
  groups,
  fc
    .tuple(fc.constantFrom([0], [0x64, 0xff9b], [0x2001], [0x2002], [0xfe80], [0xfc00], [0xff02], [0x3fff]), groups)
    .map(([prefix, rest]) => [...prefix, ...rest.slice(prefix.length)]),
);

describe("classification", () => {
  test("of IPv4 calls public what the library's list of special ranges leaves, and nothing else", () => {
    fc.assert(
      fc.property(quad, (ip) => {
        expect(classifyAddress(ip) === "public").toBe(ipaddr.IPv4.parse(ip).range() === "unicast");
      }),
      { numRuns: chances(2_000) },
    );
  });

  test("of IPv6 calls nothing public that the library's list has, or that is not in 2000::/3", () => {
    fc.assert(
      fc.property(ipv6, (parts) => {
        const ip = hex(parts);
        if (classifyAddress(ip) !== "public") return;
        if (ip.startsWith("64:ff9b:0:0:0:0:") || ip.startsWith("0:0:0:0:0:ffff:")) return;
        expect(parts[0]! >> 13).toBe(1);
        expect(ipaddr.IPv6.parse(ip).range()).toBe("unicast");
      }),
      { numRuns: chances(2_000) },
    );
  });

  test("does not depend on how an address is written", () => {
    fc.assert(
      fc.property(ipv6, (parts) => {
        const parsed = new ipaddr.IPv6(parts);
        const padded = parts.map((part) => part.toString(16).padStart(4, "0")).join(":");
        const dotted = `${hex(parts.slice(0, 6))}:${parsed.toByteArray().slice(12).join(".")}`;
        const spellings = [hex(parts), hex(parts).toUpperCase(), parsed.toString(), padded, dotted, `${hex(parts)}%lo`];
        expect(new Set(spellings.map(classifyAddress)).size).toBe(1);
      }),
    );
  });

  test("of an IPv4 address in IPv6 clothes is never more permissive than of the address itself", () => {
    fc.assert(
      fc.property(quad, (ip) => {
        const plain = classifyAddress(ip);
        expect(classifyAddress(`::ffff:${ip}`)).toBe(plain);
        expect(classifyAddress(`64:ff9b::${ip}`)).toBe(plain === "public" ? "public" : "transition");
        const [a, b, c, d] = ip.split(".").map(Number) as [number, number, number, number];
        const low = hex([(a << 8) | b, (c << 8) | d]);
        for (const carrier of [`2002:${low}::1`, `2606:4700::5efe:${low}`, `2001:0:${low}::1`, `64:ff9b:1::${low}`]) {
          expect(classifyAddress(carrier)).toBe("transition");
        }
      }),
    );
  });

  test("takes any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.%/[]") }), (text) => {
        expect(typeof classifyAddress(text)).toBe("string");
      }),
    );
  });
});

describe("a policy", () => {
  const closed: AddressRules = {
    allowPrivateAddresses: false,
    allowLoopback: false,
    onlyLoopback: false,
    allowNetworks: [],
  };
  const permitted = (rules: Partial<AddressRules>, ips: readonly string[]): string[] =>
    ips.filter((ip) => addressPolicy({ ...closed, ...rules }).permits(ip));
  const ips = [
    "1.1.1.1",
    "2606:4700::1",
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "10.1.2.3",
    "fd00::1",
  ];

  test.each<[Partial<AddressRules>, string[]]>([
    [{}, ["1.1.1.1", "2606:4700::1"]],
    [{ allowLoopback: true }, ["1.1.1.1", "2606:4700::1", "127.0.0.1", "::1", "::ffff:127.0.0.1"]],
    [{ allowPrivateAddresses: true }, ips],
    [{ onlyLoopback: true }, []],
    [{ onlyLoopback: true, allowLoopback: true }, ["127.0.0.1", "::1", "::ffff:127.0.0.1"]],
    [{ onlyLoopback: true, allowPrivateAddresses: true }, ["127.0.0.1", "::1", "::ffff:127.0.0.1"]],
    [{ allowNetworks: ["10.1.0.0/16"] }, ["1.1.1.1", "2606:4700::1", "10.1.2.3"]],
    [{ allowNetworks: ["10.1.0.0/16"], onlyLoopback: true }, []],
    [
      { allowNetworks: ["fd00::/8", "127.0.0.1"] },
      ["1.1.1.1", "2606:4700::1", "127.0.0.1", "::ffff:127.0.0.1", "fd00::1"],
    ],
    [{ allowNetworks: ["10.2.0.0/16", "10.1.2.0/31"] }, ["1.1.1.1", "2606:4700::1"]],
  ])("of %j permits %j", (rules, expected) => {
    expect(permitted(rules, ips)).toEqual(expected);
  });

  test("permits no text that is no address, whatever is allowed", () => {
    expect(
      permitted({ allowPrivateAddresses: true, allowNetworks: ["0.0.0.0/0", "::/0"] }, ["", "localhost", "127.1"]),
    ).toEqual([]);
  });

  test.each(["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0/8", "10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/1e1", "all"])(
    "cannot be made with the network %j",
    (network) => {
      expect(() => addressPolicy({ ...closed, allowNetworks: [network] })).toThrow(network);
    },
  );

  test("confined to loopback permits nothing else, and never more than without", () => {
    const rules = fc.record({
      allowPrivateAddresses: fc.boolean(),
      allowLoopback: fc.boolean(),
      allowNetworks: fc.subarray(["10.0.0.0/8", "::/0", "0.0.0.0/0"]),
    });
    fc.assert(
      fc.property(rules, fc.oneof(quad, ipv6.map(hex)), (some, ip) => {
        const free = addressPolicy({ ...some, onlyLoopback: false });
        const confined = addressPolicy({ ...some, onlyLoopback: true });
        expect(confined.permits(ip)).toBe(free.permits(ip) && classifyAddress(ip) === "loopback");
        expect(confined.accepts(ip)).toBe(free.accepts(ip));
      }),
    );
  });
});
