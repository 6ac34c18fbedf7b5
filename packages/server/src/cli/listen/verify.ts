import { timingSafeEqual } from "node:crypto";
import { signatureHeaders } from "../../notify/sign.ts";

/** What is further from now is refused, as the published verifiers do. */
const TOLERANCE_SECONDS = 300;

/** Headers as Node has them: names in lower case. */
export type Headers = Record<string, string | string[] | undefined>;

/**
 * Why a webhook's Standard Webhooks signature does not hold under any of the secrets; null where it does.
 * @param now epoch milliseconds
 */
export function signatureFault(
  headers: Headers,
  body: string | Uint8Array,
  secrets: readonly string[],
  now: number,
): string | null {
  const [id, timestamp, signature] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(
    (name) => headers[name],
  );
  if (typeof id !== "string") return "there is no webhook-id";
  if (typeof timestamp !== "string" || typeof signature !== "string") return "it is not signed";
  const timestampSeconds = /^\d{1,15}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (Number.isNaN(timestampSeconds)) return "its webhook-timestamp is not a number";
  if (Math.abs(now / 1_000 - timestampSeconds) > TOLERANCE_SECONDS) return "its webhook-timestamp is too far from now";
  const expected = signatureHeaders({ id, timestampSeconds, body, secrets }) as { "webhook-signature": string };
  const given = signature.split(" ");
  const holds = expected["webhook-signature"].split(" ").some((one) => given.some((other) => isSame(one, other)));
  return holds ? null : "no signature of it is by this secret";
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
