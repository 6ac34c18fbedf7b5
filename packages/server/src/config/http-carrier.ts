import Type, { type Static } from "typebox";
import { isDelivered, isReceiptCode } from "../message/receipt-codes.ts";
import { messageStateOf, STATE_WORDS } from "../message/state-words.ts";
import { variablesOf } from "../runtime/template.ts";
import { isPreset, PRESET_NAMES, PRESETS } from "./http-presets/index.ts";
import type { HttpPreset } from "./http-presets/preset.ts";
import { type Sound, seconds, strict } from "./kinds.ts";

/** The keys of a carrier with an HTTP API. */

/** A JSON pointer, or the name of a field (runtime/fields.ts). */
const place = Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null });
const texts = Type.Record(Type.String(), Type.String(), { default: {} });
/** A value that must stand at a place for the rest to count. */
const when = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]), { default: {} });
const body = Type.Union([Type.String(), Type.Record(Type.String(), Type.Any()), Type.Null()], { default: null });
/** Our answer to the provider's request. */
const answer = Type.String({ default: "" });
const status = Type.Integer({ minimum: 200, maximum: 599 });

const submit = {
  method: Type.Enum(["POST", "GET", "PUT"], { default: "POST" }),
  url: Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null }),
  headers: texts,
  body,
};

export const httpCarrierKeys = {
  preset: Type.Union([Type.Enum(PRESET_NAMES), Type.Null()], { default: null }),
  credentials: texts,
  submit: Type.Object(
    {
      ...submit,
      // The differences for texts beyond the GSM alphabet.
      unicode: Type.Object({ url: submit.url, body }, strict),
    },
    strict,
  ),
  accepted: Type.Object(
    {
      status: Type.Union([status, Type.Array(status), Type.Null()], { default: null }),
      when,
      id: Type.Union([place, Type.Object({ match: Type.String({ minLength: 1 }) }, strict)], { default: null }),
      error: place,
    },
    strict,
  ),
  errors: texts,
  again: Type.Array(Type.Union([Type.String(), Type.Integer()]), { default: [] }),
  receipts: Type.Object(
    { each: place, when, id: place, state: place, error: place, states: texts, errors: texts, answer },
    strict,
  ),
  inbound: Type.Object(
    {
      ...{ each: place, when, from: place, to: place, text: place, charset: place, id: place },
      ...{ reference: place, total: place, sequence: place, answer },
    },
    strict,
  ),
  auth: Type.Union(
    [
      Type.Null(),
      Type.Literal("signature"),
      Type.Object(
        { basic: Type.Object({ username: Type.String(), password: Type.String({ minLength: 1 }) }, strict) },
        strict,
      ),
      Type.Object({ secret: Type.String({ pattern: "^[A-Za-z0-9._~-]{16,200}$" }) }, strict),
    ],
    { default: null },
  ),
  window: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
  throughput: Type.Number({ minimum: 0, default: 0 }),
  responseTimeout: seconds(10, 0.05),
};

const Keys = Type.Object(httpCarrierKeys, strict);
export type HttpCarrierKeys = Static<typeof Keys>;

/** The fields of an outgoing message. */
const VARIABLES = [
  ...["to", "from", "fromPlus", "text", "textHex", "id", "parts", "receiptUrl"],
  ...["validity", "validityMs", "validityMinutes", "expiresAt"],
];

/** Faults between fields of such a carrier. `at` is its path. */
export function httpCarrierFaults(carrier: Sound<HttpCarrierKeys>, at: string): string[] {
  const { submit = {}, accepted = {}, receipts = {}, inbound = {}, errors = {}, credentials = {} } = carrier;
  const faults: string[] = presetFaults(carrier, at);
  const known = new Set([...VARIABLES, ...Object.keys(credentials).map((name) => `credentials.${name}`)]);
  const check = (template: unknown, path: string): void => {
    for (const text of textsOf(template)) {
      for (const name of variablesOf(text))
        if (!known.has(name)) faults.push(`${path}: there is no variable {${name}}`);
    }
  };
  if (submit.url === null || submit.url === undefined) faults.push(`${at}.submit.url: is required`);
  for (const [url, path] of [
    [submit.url, `${at}.submit.url`],
    [submit.unicode?.url, `${at}.submit.unicode.url`],
  ] as const) {
    if (url == null) continue;
    check(url, path);
    if (!isSendableUrl(url)) faults.push(`${path}: must be an http or https URL with a host of its own`);
  }
  for (const [name, value] of Object.entries(submit.headers ?? {})) {
    check(value, `${at}.submit.headers.${name}`);
    if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name)) faults.push(`${at}.submit.headers: "${name}" is no name of a header`);
    if (/[^ -~]/.test(value ?? "")) faults.push(`${at}.submit.headers.${name}: must be printable ASCII`);
    if (OWN_HEADERS.has(name.toLowerCase())) faults.push(`${at}.submit.headers.${name}: is set by the program`);
  }
  check(submit.body, `${at}.submit.body`);
  check(submit.unicode?.body, `${at}.submit.unicode.body`);
  if (submit.method === "GET" && submit.body != null) faults.push(`${at}.submit.body: GET has none`);
  const { id } = accepted;
  if (typeof id === "object" && id?.match !== undefined && !isExpression(id.match))
    faults.push(`${at}.accepted.id.match: is no regular expression with a group`);
  for (const [codes, path] of [
    [errors, `${at}.errors`],
    [receipts.errors ?? {}, `${at}.receipts.errors`],
  ] as const) {
    for (const [error, code = ""] of Object.entries(codes)) {
      if (!isReceiptCode(code.toUpperCase()) || isDelivered(code.toUpperCase()))
        faults.push(`${path}.${error}: "${code}" is not a receipt code of a failure`);
    }
  }
  for (const [state, word] of Object.entries(receipts.states ?? {})) {
    if (messageStateOf(word ?? "") === undefined && !isReceiptCode((word ?? "").toUpperCase()))
      faults.push(
        `${at}.receipts.states.${state}: must be one of ${Object.keys(STATE_WORDS).join(", ")}, or a receipt code`,
      );
  }
  if ((receipts.id == null) !== (receipts.state == null))
    faults.push(`${at}.receipts: need both id and state, or neither`);
  const parts = [inbound.from, inbound.to, inbound.text].filter((one) => one != null).length;
  if (parts !== 0 && parts !== 3) faults.push(`${at}.inbound: need from, to and text, or none of them`);
  return faults;
}

/** Faults of a preset's credentials and signature. */
function presetFaults({ preset: name, credentials = {}, auth }: Sound<HttpCarrierKeys>, at: string): string[] {
  const preset: HttpPreset | null = isPreset(name) ? PRESETS[name] : null;
  const has = (credential: string) => (credentials[credential] ?? "") !== "";
  const missing = (preset?.credentials ?? []).filter((credential) => !has(credential));
  const faults = missing.map((credential) => `${at}.credentials.${credential}: is required by the preset ${name}`);
  const { publicKey, signatureMethod = "md5hash" } = credentials;
  if (name === "telnyx" && publicKey !== undefined && Buffer.from(publicKey, "base64").length !== 32)
    faults.push(`${at}.credentials.publicKey: is no Ed25519 key of 32 octets in base64`);
  if (name === "vonage" && !["md5hash", "md5", "sha1", "sha256", "sha512"].includes(signatureMethod))
    faults.push(`${at}.credentials.signatureMethod: must be md5hash, md5, sha1, sha256 or sha512`);
  if (auth !== "signature") return faults;
  if (preset === null || preset.signature === null) faults.push(`${at}.auth: needs a preset that signs`);
  else {
    for (const credential of preset.signature) {
      if (!has(credential)) faults.push(`${at}.credentials.${credential}: is required to check signatures`);
    }
  }
  return faults;
}

const OWN_HEADERS = new Set(["host", "content-length", "transfer-encoding", "connection"]);

function textsOf(template: unknown): string[] {
  if (typeof template === "string") return [template];
  if (typeof template !== "object" || template === null) return [];
  return Object.values(template).flatMap(textsOf);
}

/** Whether the request goes to the same host whatever the message. */
function isSendableUrl(template: string): boolean {
  const origin = /^https?:\/\/[^/?#]*/i.exec(template)?.[0];
  if (origin === undefined || variablesOf(origin).some((name) => !name.startsWith("credentials."))) return false;
  return URL.canParse(origin.replace(/\{[^}]*\}/g, "x"));
}

function isExpression(text: string): boolean {
  try {
    // One more alternative, which matches nothing, so that the groups can be counted.
    return (new RegExp(`${text}|`).exec("")?.length ?? 0) > 1;
  } catch {
    return false;
  }
}
