// Has the npm packages of providers judge signed requests, right and spoiled ones, as the server of this build judges them:
// both must say the same of each. Not part of the tests: it downloads the packages, into a folder that goes.
//
// npm run verifiers
import "../packages/server/bin/node-version.js";
import { createHmac, generateKeyPairSync, randomBytes, randomInt, sign } from "node:crypto";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "./interop/server.mjs";
import { expect, installed, temporaryFolder } from "./servers.mjs";

const ROUNDS = 100;
const PUBLIC_URL = "https://sms.example.com";
const TOKEN = randomBytes(16).toString("hex");
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const KEY = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
const ENCODED = "application/x-www-form-urlencoded";

const folder = temporaryFolder(join(tmpdir(), "mplus-verifiers-"));
/** A package, as a program that installs it gets it. */
const load = (name, version) => createRequire(join(installed(folder, name, version), "package.json"))(name);

const pick = (list) => list[randomInt(list.length)];
const letters = [..."abcXYZ019 &=+%?/.,:;\n\"'é€Я👋"];
const word = (most) => Array.from({ length: randomInt(most + 1) }, () => pick(letters)).join("");
const hmac = (hash, text) => createHmac(hash, TOKEN).update(text).digest("base64");
/** Fields of a receipt with the names that a provider gives to them, and some of its own. */
const fieldsOf = (id, state) => {
  const more = Array.from({ length: randomInt(6) }, () => [`x${randomInt(1_000)}${pick(["", "_a", "-b"])}`, word(12)]);
  return { [id]: randomBytes(8).toString("hex"), [state]: "delivered", ...Object.fromEntries(more) };
};
const formOf = (fields, signature) => ({ type: ENCODED, text: String(new URLSearchParams(fields)), signature });
const names = (fields) => Object.keys(fields).sort();

const twilio = load("twilio", "6.3.1");
const plivo = load("plivo", "4.79.0");
const { SMS } = load("@vonage/sms", "1.21.0");
const { default: Telnyx } = load("telnyx", "7.24.0");

/** By preset: the credentials, a signed request for a URL, and the package's judgement of it. */
const PROVIDERS = {
  twilio: {
    credentials: { accountSid: "AC1", authToken: TOKEN },
    make: () => fieldsOf("MessageSid", "MessageStatus"),
    request: (fields, url) => {
      return formOf(fields, { "x-twilio-signature": twilio.getExpectedTwilioSignature(TOKEN, url, fields) });
    },
    judge: (fields, url, headers) => twilio.validateRequest(TOKEN, headers["x-twilio-signature"], url, fields),
  },
  plivo: {
    credentials: { authId: "MA1", authToken: TOKEN },
    make: () => fieldsOf("MessageUUID", "Status"),
    request: (fields, url) => {
      const text = `${url}?${names(fields)
        .map((name) => name + fields[name])
        .join("")}.n1`;
      return formOf(fields, { "x-plivo-signature-v3": hmac("sha256", text), "x-plivo-signature-v3-nonce": "n1" });
    },
    judge: (fields, url, headers) =>
      plivo.validateV3Signature("POST", url, "n1", TOKEN, headers["x-plivo-signature-v3"], fields),
  },
  vonage: {
    credentials: { apiKey: "k", apiSecret: "s", signatureSecret: TOKEN, signatureMethod: "sha256" },
    make: () => fieldsOf("messageId", "status"),
    request: (fields) => {
      const text = names(fields)
        .map((name) => `&${name}=${fields[name].replace(/[&=]/g, "_")}`)
        .join("");
      const sig = createHmac("sha256", TOKEN).update(text).digest("hex");
      return { type: "application/json", text: JSON.stringify({ ...fields, sig }), signature: {}, sig };
    },
    judge: (fields, _url, _headers, { sig }) =>
      new SMS({}).verifySignature(sig, { ...fields, sig }, TOKEN, "SHA256HMAC"),
  },
  telnyx: {
    credentials: { apiKey: "KEY", publicKey: KEY },
    make: () => {
      const payload = { id: randomBytes(8).toString("hex"), to: [{ status: "delivered" }], text: word(20) };
      return { data: { event_type: "message.finalized", payload } };
    },
    request: (event) => {
      const [text, at] = [JSON.stringify(event), String(Math.floor(Date.now() / 1_000) - pick([0, 0, 0, 400]))];
      const signature = sign(null, Buffer.from(`${at}|${text}`), privateKey).toString("base64");
      return {
        type: "application/json",
        text,
        signature: { "telnyx-timestamp": at, "telnyx-signature-ed25519": signature },
      };
    },
    judge: (event, _url, headers) =>
      new Telnyx({ apiKey: "KEY" }).webhooks.unwrap(JSON.stringify(event), { headers, key: KEY }).then(
        () => true,
        () => false,
      ),
  },
};

const server = await startServer(folder, {
  server: { port: 0, publicUrl: PUBLIC_URL },
  carriers: Object.entries(PROVIDERS).map(([preset, { credentials }]) => {
    return { id: preset, type: "http", preset, credentials };
  }),
});
try {
  for (const [preset, { make, request, judge }] of Object.entries(PROVIDERS)) {
    const counts = { right: 0, wrong: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const path = `/carriers/${preset}/receipts`;
      const [fields, other] = [make(), make()];
      const signed = request(fields, PUBLIC_URL + path);
      const elsewhere = request(fields, `${PUBLIC_URL}/elsewhere`);
      // As it was signed; other content; the signature of other content, and for another URL.
      for (const [content, { signature, sig }] of [
        [fields, signed],
        [other, signed],
        [fields, request(other, PUBLIC_URL + path)],
        [fields, elsewhere],
      ]) {
        const theirs = Boolean(await judge(content, PUBLIC_URL + path, signature, { sig }));
        const text = sig === undefined ? request(content, "").text : JSON.stringify({ ...content, sig });
        const headers = { "content-type": signed.type, ...signature };
        const { status } = await fetch(server.url + path, { method: "POST", headers, body: text });
        expect(`${preset}: the package says ${theirs}, the server ${status}: ${text}`, theirs === (status === 200));
        counts[theirs ? "right" : "wrong"]++;
      }
    }
    expect(`${preset}: no request was right`, counts.right > 0);
    console.log(`${preset}: ${counts.right} right and ${counts.wrong} wrong requests are judged alike`);
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
