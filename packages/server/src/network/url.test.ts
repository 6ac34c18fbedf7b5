import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FORBIDDEN_URLS } from "../../test/network/corpus.ts";
import { chances } from "../../test/support/chances.ts";
import { addressPolicy } from "./address.ts";
import { checkCallbackUrl } from "./url.ts";

const closed = { allowPrivateAddresses: false, allowLoopback: false, onlyLoopback: false, allowNetworks: [] };
const guarded = addressPolicy(closed);
const trial = addressPolicy({ ...closed, allowLoopback: true });
const open = addressPolicy({ ...closed, allowPrivateAddresses: true });

const accepted = (url: string, policy = guarded): boolean => checkCallbackUrl(url, policy).ok;

describe("with the guard on", () => {
  test.each([
    "https://example.com",
    "https://example.com/hook?a=b#c",
    "http://hooks.example.co.uk:8080/",
    "HTTPS://EXAMPLE.COM/Hook",
    "https://example.com./",
    "https://xn--bcher-kva.example/",
    "https://bücher.example/grüße",
    "https://93.184.215.14/",
    "https://[2606:4700:4700::1111]:8443/",
    "https://[::ffff:93.184.215.14]/",
    "https://localhost.example.com/",
    "https://my.example/.local",
    "https://10.example.com/",
    "https://example.com/@user",
    "https://example.com/?to=http://127.0.0.1/",
    "https://example.com:65535/",
  ])("accepts %s", (url) => {
    expect(checkCallbackUrl(url, guarded)).toEqual({ ok: true, url, origin: new URL(url).origin });
  });

  test.each(FORBIDDEN_URLS)("refuses %s before any look-up, and tells nothing about our network", (url) => {
    const checked = checkCallbackUrl(url, guarded);
    expect(checked).toEqual({ ok: false, reason: "must have a public host" });
  });
});

describe("whatever the guard", () => {
  test.each([
    "",
    "example.com",
    "//example.com/",
    "/hook",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "ws://example.com/",
    "data:text/plain,x",
    "gopher://example.com/",
    "http://",
    "http:///",
    "https://exa mple.com/",
    "https://example.com:65536/",
    "https://example.com:port/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[::1]1/",
    "https://999.1.1.1/",
    "https://1.2.3.4.5/",
    "https://0x100000000/",
    "https://exa<mple.com/",
    "https://example.com%00/",
    "https://xn--a/",
  ])("%j is no http or https URL", (url) => {
    expect(checkCallbackUrl(url, open)).toEqual({ ok: false, reason: "must be an http or https URL" });
  });

  test.each([
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://:secret@example.com/",
    "https://@example.com/",
    "https://example.com@127.0.0.1/",
    "https://127.0.0.1@example.com/",
    "https://example.com:80@evil.example/",
    "https://a%40b@example.com/",
    "https:\\\\user@example.com/",
    "https:user@example.com/",
    "https:////user@example.com/",
  ])("%j has a user name", (url) => {
    expect(checkCallbackUrl(url, open)).toEqual({ ok: false, reason: "must not hold a user name or password" });
  });

  test.each([
    "https://exam\tple.com/",
    "https://example.com/\n",
    "\0https://example.com/",
    "https://example.com/\ud800",
  ])("%j holds what cannot be kept", (url) => {
    expect(checkCallbackUrl(url, open)).toEqual({ ok: false, reason: "must not hold control characters" });
  });

  test("a URL has at most 2,048 characters", () => {
    const url = "https://example.com/".padEnd(2_048, "x");
    expect(accepted(url)).toBe(true);
    expect(accepted(`${url}x`, open)).toBe(false);
  });
});

test.each([
  "http://127.0.0.1:8080/",
  "http://[::1]/",
  "http://localhost:3000/hook",
  "http://app.localhost/",
  "http://2130706433/",
])("with loopback allowed %s passes, with the guard off too", (url) => {
  expect(accepted(url, trial)).toBe(true);
  expect(accepted(url, open)).toBe(true);
});

test.each(["http://10.0.0.1/", "http://intranet/", "http://db.internal/", "http://[64:ff9b::7f00:1]/", "http://0/"])(
  "with loopback allowed %s does not, with the guard off it does",
  (url) => {
    expect(accepted(url, trial)).toBe(false);
    expect(accepted(url, open)).toBe(true);
  },
);

test("what `network` confines to loopback may still be named: the connection is what fails", () => {
  const confined = addressPolicy({ ...closed, allowLoopback: true, onlyLoopback: true });
  expect(accepted("https://example.com/", confined)).toBe(true);
  expect(accepted("https://93.184.215.14/", confined)).toBe(true);
  expect(accepted("https://10.0.0.1/", confined)).toBe(false);
});

test("networks that are allowed may be named by address", () => {
  const some = addressPolicy({ ...closed, allowNetworks: ["10.1.0.0/16"] });
  expect(accepted("https://10.1.2.3/", some)).toBe(true);
  expect(accepted("https://10.2.2.3/", some)).toBe(false);
  expect(accepted("https://db.internal/", some)).toBe(false);
});

test("the host of what is accepted is always public, as the URL standard reads it", () => {
  const host = fc.oneof(
    fc.ipV4Extended(),
    fc.ipV6().map((ip) => `[${ip}]`),
    fc.domain(),
    fc.string({
      unit: fc.constantFrom("0", "1", "7", "x", ".", "。", "f", "%", "2", "e", "@", "\\", "/", "[", "]", ":"),
      maxLength: 20,
    }),
  );
  fc.assert(
    fc.property(host, (text) => {
      const url = `http://${text}/`;
      if (!accepted(url)) return;
      const { hostname } = new URL(url);
      if (/^[\d.]+$/.test(hostname)) expect(guarded.permits(hostname)).toBe(true);
      else if (hostname.startsWith("[")) expect(guarded.permits(hostname.slice(1, -1))).toBe(true);
      else expect(hostname).toMatch(/[^.]\.[^.]/);
    }),
    { numRuns: chances(3_000) },
  );
});
