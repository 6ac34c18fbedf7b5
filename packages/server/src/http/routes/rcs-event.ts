import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import Type from "typebox";
import { invalid, Rejected } from "../../runtime/errors.ts";
import { parseBody } from "../body.ts";
import { faultyShape } from "../body-shape.ts";

/**
 * The posts of an RCS platform: once, when the webhook is set up, the token and a secret to answer with; then events, each as
 * JSON in base64 in `message.data`, as in Pub/Sub pushes, or as the body itself.
 * (https://developers.google.com/business-communications/rcs-business-messaging/guides/integrate/webhooks)
 */
const SetUp = Type.Object({ clientToken: Type.String(), secret: Type.String() }, { title: "RcsSetUp" });
const Pushed = Type.Object({ message: Type.Object({ data: Type.String() }) }, { title: "RcsPushedEvent" });
const Plain = Type.Object({ eventType: Type.Optional(Type.String()) }, { title: "RcsEvent" });
export const RcsEvent = Type.Union([SetUp, Pushed, Plain], { description: "As the platform has it; more is ignored." });

export type ReadRcsEvent = { kind: "setUp"; secret: string } | { kind: "event"; event: unknown };

/** HMAC-SHA512 in base64. */
const SIGNATURE = /^[A-Za-z\d+/]{86}==$/;
/** Longest request without a signature, in octets: the one that sets the webhook up. */
const LONGEST_UNSIGNED = 1_024;

/**
 * Refuses unsigned requests unread. Of a push, only the event in its `data` is signed: the envelope must be parsed to find it,
 * which costs at most 2 ms for the 64 KiB that are taken (measured on numbers, empty objects, names and escapes). The event
 * itself is parsed once its signature is right.
 * @param signature the header `X-Goog-Signature`: HMAC-SHA512 of the event's bytes under the client token, in base64
 * @throws Rejected if it is not the platform's, or cannot be read
 */
export function readRcsEvent(body: unknown, signature: unknown, clientToken: string): ReadRcsEvent {
  const raw = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const given = typeof signature === "string" && SIGNATURE.test(signature) ? signature : null;
  if (given === null && raw.length > LONGEST_UNSIGNED) throw wrong("X-Goog-Signature");
  const read = parseBody(raw, undefined, faultyShape);
  if (typeof read !== "object" || read === null) throw invalid([{ path: "", message: "is no JSON object" }]);
  const { clientToken: token, secret, message } = read as Record<string, unknown>;
  if (typeof token === "string" && typeof secret === "string") {
    if (!isSame(token, clientToken)) throw wrong("clientToken");
    return { kind: "setUp", secret };
  }
  const { data } = Object(message) as Record<string, unknown>;
  const bytes = typeof data === "string" ? Buffer.from(data, "base64") : raw;
  const expected = createHmac("sha512", clientToken).update(bytes).digest("base64");
  if (given === null || !isSame(given, expected)) throw wrong("X-Goog-Signature");
  return { kind: "event", event: typeof data === "string" ? parseBody(bytes, undefined, faultyShape) : read };
}

function wrong(what: string): Rejected {
  return new Rejected("wrong-signature", `The ${what} is not that of this carrier's client token.`);
}

/** Compares in a time that does not reveal where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
