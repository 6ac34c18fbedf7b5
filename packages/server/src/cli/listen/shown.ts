import { verifyWebhook } from "@messaging-plus/sdk";
import { asError } from "../../runtime/errors.ts";
import { shownLine } from "../../runtime/shown.ts";
import type { Reply } from "./replies.ts";
import type { Seen } from "./seen.ts";

/** A webhook and its result here. */
export interface Shown {
  seen: Seen;
  /** How often its webhook-id was seen, including this time. */
  times: number;
  reply: Reply;
  /** Why it got no answer as wanted; null if it did. */
  fault: string | null;
  /** The fault of its signature; null if it is right, undefined without a secret to verify it with. */
  signature: string | null | undefined;
}

/** @param secrets empty: it is not verified */
export async function signatureOf(
  { headers, body, at }: Seen,
  secrets: readonly string[],
): Promise<Shown["signature"]> {
  if (secrets.length === 0) return undefined;
  const verified = verifyWebhook(headers, body, { secrets, now: Date.parse(at) });
  return verified.then(
    () => null,
    (error: unknown) => asError(error).message,
  );
}

export function asJson({ seen, times, reply, fault, signature }: Shown): string {
  const verified = signature === undefined ? {} : { verified: signature === null };
  return JSON.stringify({ ...seen, times, reply, ...(fault === null ? {} : { fault }), ...verified });
}

export function asText({ seen, times, reply, fault, signature }: Shown): string {
  const { method, url, headers, body } = seen;
  const id = headers["webhook-id"];
  const parts = [
    new Date(seen.at).toTimeString().slice(0, 8),
    `${method} ${url}`,
    reply === "drop" ? "dropped" : `answered ${reply}`,
    ...(fault === null ? [] : [`(${fault})`]),
    ...(id === undefined ? [] : [`webhook-id ${String(id)}`]),
    ...(times > 1 ? [`seen ${times} times`] : []),
    signatureText(seen, signature),
  ];
  return `\n${shownLine(parts.join("  "))}\n${readable(body)}\n`;
}

function signatureText(seen: Seen, signature: Shown["signature"]): string {
  if (signature !== undefined) return signature === null ? "signature verified" : `SIGNATURE WRONG: ${signature}`;
  return seen.headers["webhook-signature"] === undefined ? "not signed" : "signed (--secret verifies it)";
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
