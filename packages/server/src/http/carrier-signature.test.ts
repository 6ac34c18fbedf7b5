import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { HttpCarrierConfig } from "../config/carriers.ts";
import { mustBeProviders, mustBeSigned, type SignedRequest } from "./carrier-signature.ts";

interface Vectors {
  twilio: { url: string; body: string; signature: string }[];
  plivo: { version: "v2" | "v3"; url: string; nonce: string; body: string; signature: string }[];
  vonage: { method: string; body: Record<string, string> }[];
}

/** Made, or found right, by the providers' own packages; which, and of what version, the file says. */
const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../../test/http-carriers/signatures.json", import.meta.url), "utf8"),
);

function request(body: string, fields: Partial<SignedRequest> = {}): SignedRequest {
  const form: [string, string][] = [...new URLSearchParams(body)];
  return {
    method: "POST",
    urls: ["https://sms.example.com/"],
    headers: {},
    body: Buffer.from(body),
    isJson: false,
    form,
    parameters: () => form,
    ...fields,
  };
}

function isRight(preset: HttpCarrierConfig["preset"], credentials: Record<string, string>, signed: SignedRequest) {
  try {
    mustBeProviders({ preset, credentials }, signed);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ problem: "wrong-signature" });
    return false;
  }
}

/** Of one signature: it is right, and nothing else is. */
function onlyThis(
  check: (body: string, signature: string, key: string) => boolean,
  body: string,
  signature: string,
  key: string,
) {
  const other = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  return [
    check(body, signature, key),
    check(body.replace("delivered", "undelivered").replace("SM1", "SM2"), signature, key),
    check(body, other, key),
    check(body, signature, `${key}x`),
    check(body, "", key),
  ];
}

describe("Twilio's signature", () => {
  test.each(vectors.twilio)("of $url is right, and no other", ({ url, body, signature }) => {
    const check = (text: string, given: string, authToken: string) =>
      isRight(
        "twilio",
        { authToken },
        request(text, { urls: ["https://x.example/", url], headers: { "x-twilio-signature": given } }),
      );
    expect(onlyThis(check, body, signature, "12345")).toEqual([true, false, false, false, false]);
    const elsewhere = request(body, { urls: [`${url}/`], headers: { "x-twilio-signature": signature } });
    expect(isRight("twilio", { authToken: "12345" }, elsewhere)).toBe(false);
  });
});

describe("Plivo's signature", () => {
  test.each(vectors.plivo)(
    "of version $version at $url is right, and no other",
    ({ version, url, nonce, body, signature }) => {
      const check = (text: string, given: string, authToken: string) => {
        const headers = { [`x-plivo-signature-${version}`]: given, [`x-plivo-signature-${version}-nonce`]: nonce };
        return isRight("plivo", { authToken }, request(text, { urls: [url], headers }));
      };
      // The second version does not cover the parameters.
      expect(onlyThis(check, body, signature, "plivotoken")).toEqual([true, version === "v2", false, false, false]);
    },
  );
});

describe("Vonage's signature", () => {
  test.each(vectors.vonage)("by $method is right, and no other", ({ method: signatureMethod, body }) => {
    const check = (parameters: Record<string, string>, signatureSecret = "sigsecret") =>
      isRight("vonage", { signatureSecret, signatureMethod }, request(new URLSearchParams(parameters).toString()));
    const { sig, ...unsigned } = body;
    expect({
      whole: check(body),
      upperCase: check({ ...body, sig: sig!.toUpperCase() }),
      changed: check({ ...body, status: "failed" }),
      more: check({ ...body, more: "x" }),
      unsigned: check(unsigned),
      otherSecret: check(body, "other"),
    }).toEqual({ whole: true, upperCase: true, changed: false, more: false, unsigned: false, otherSecret: false });
  });
});

describe("a request that was signed is read as it was signed", () => {
  test("by Vonage, no parameter is there twice", () => {
    const [{ method: signatureMethod, body }] = vectors.vonage as [Vectors["vonage"][number]];
    const signed = new URLSearchParams(body).toString();
    const check = (text: string) => isRight("vonage", { signatureSecret: "sigsecret", signatureMethod }, request(text));
    expect([check(signed), check(`status=failed&${signed}`), check(`${signed}&status=failed`)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("by Vonage, no value is a list or an object", () => {
    const parameters = (value: unknown) => () => Object.entries<unknown>({ sig: signature, a: value });
    const signature = createHash("md5").update("&a=1sigsecret").digest("hex");
    const check = (value: unknown) =>
      isRight("vonage", { signatureSecret: "sigsecret" }, request("", { parameters: parameters(value) }));
    let deep: unknown = 1;
    for (let depth = 0; depth < 20_000; depth++) deep = [deep];
    expect([check("1"), check(1), check(["1"]), check({ toString: 1 }), check(deep)]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test("by Twilio and Plivo, JSON is not, unless its hash is", () => {
    const url = "https://sms.example.com/carriers/t/receipts";
    const json = (urls: string[], headers: Record<string, string>) =>
      request('{"MessageStatus":"delivered"}', { urls, headers, isJson: true, form: [] });
    const sha1 = (text: string) => createHmac("sha1", "12345").update(text).digest("base64");
    const byTwilio = (at: string) =>
      isRight("twilio", { authToken: "12345" }, json([at], { "x-twilio-signature": sha1(at) }));
    const hash = createHash("sha256").update('{"MessageStatus":"delivered"}').digest("hex");
    const ofUrl = createHmac("sha256", "12345").update(`${url}.7`).digest("base64");
    const headers = { "x-plivo-signature-v3": ofUrl, "x-plivo-signature-v3-nonce": "7" };
    expect([
      byTwilio(url),
      byTwilio(`${url}?bodySHA256=${hash}`),
      isRight("plivo", { authToken: "12345" }, json([url], headers)),
    ]).toEqual([false, true, false]);
  });
});

describe("Telnyx's signature", () => {
  const { privateKey, publicKey: key } = generateKeyPairSync("ed25519");
  const publicKey = key.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
  const body = '{"data":{"event_type":"message.finalized"}}';
  const signed = (text: string, at: number, by = privateKey) => ({
    "telnyx-timestamp": String(at),
    "telnyx-signature-ed25519": sign(null, Buffer.from(`${at}|${text}`), by).toString("base64"),
  });

  test("is right for the body and the time, for five minutes", () => {
    const now = Math.floor(Date.now() / 1_000);
    const other = generateKeyPairSync("ed25519").privateKey;
    const check = (headers: Record<string, string>) => isRight("telnyx", { publicKey }, request(body, { headers }));
    expect({
      whole: check(signed(body, now)),
      otherBody: check(signed(`${body} `, now)),
      otherKey: check(signed(body, now, other)),
      old: check(signed(body, now - 600)),
      otherTime: check({ ...signed(body, now), "telnyx-timestamp": String(now + 1) }),
      garbled: check({ ...signed(body, now), "telnyx-signature-ed25519": "x" }),
    }).toEqual({ whole: true, otherBody: false, otherKey: false, old: false, otherTime: false, garbled: false });
  });
});

test.each(["twilio", "plivo", "telnyx"] as const)("%s: without its header nothing is read", (preset) => {
  expect(() => mustBeSigned({ preset }, {})).toThrow("signature");
});
