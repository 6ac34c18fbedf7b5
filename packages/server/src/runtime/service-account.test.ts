import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isConfidential, readServiceAccount } from "./service-account.ts";

const folder = mkdtempSync(join(tmpdir(), "mplus-account-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pem = {
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
} as const;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048, ...pem }).privateKey;
const ec = generateKeyPairSync("ec", { namedCurve: "P-256", ...pem }).privateKey;
const right = {
  client_email: "a@example.com",
  private_key_id: "k",
  private_key: rsa,
  token_uri: "https://o.example.com/t",
};

function read(content: unknown) {
  const path = join(folder, "key.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return readServiceAccount(path);
}

test("a key file is read, whatever else stands in it", () => {
  const account = read({ ...right, type: "service_account", project_id: "p" });
  expect(account).toMatchObject({
    clientEmail: "a@example.com",
    privateKeyId: "k",
    tokenUri: "https://o.example.com/t",
  });
  expect(account.privateKey.type).toBe("private");
  expect(read({ ...right, private_key_id: undefined }).privateKeyId).toBeNull();
});

test.each<[unknown, string]>([
  ["{", "is not JSON"],
  ["5", "has no token_uri"],
  ["null", "has no token_uri"],
  [{ ...right, token_uri: undefined }, "has no token_uri"],
  [{ ...right, token_uri: "http://o.example.com/t" }, "is not an https URL"],
  [{ ...right, client_email: "" }, "has no client_email"],
  [{ ...right, private_key: 5 }, "has no private_key"],
  [{ ...right, private_key: "secret" }, "is not an RSA key in PEM"],
  [{ ...right, private_key: ec }, "is not an RSA key in PEM"],
])("%j is none, and the fault does not quote it", (content, fault) => {
  expect(() => read(content)).toThrow(fault);
  expect(() => read(content)).not.toThrow(/secret|BEGIN/);
});

test("a file that is not there is none", () => {
  expect(() => readServiceAccount(join(folder, "none.json"))).toThrow("none.json cannot be read (ENOENT)");
});

describe("what is sent can be read by nobody on the way", () => {
  test.each(["https://rbm.example.com", "http://127.0.0.1:80/x", "http://localhost", "http://[::1]:9"])(
    "to %s",
    (url) => {
      expect(isConfidential(url)).toBe(true);
    },
  );

  test.each([
    "http://rbm.example.com",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "ftp://127.0.0.1",
    "x",
  ])("but to %s", (url) => {
    expect(isConfidential(url)).toBe(false);
  });
});
