import type { WebhookKind } from "../../message/webhook.ts";
import { secretText } from "../../message/webhook-secret.ts";
import { inboundSignature, signatureHeaders } from "../sign.ts";

export interface Signing {
  /** The keys of the account's live secrets, the newest first. */
  keys: readonly Uint8Array[];
  /** When this try is made, epoch milliseconds. */
  now: number;
  /** `environment` of the configuration. */
  environment: string;
}

/** The header fields of one try. An inbound message has the hosted service's signature beside that of the standard. */
export function webhookHeaders(
  { id, kind }: { id: string; kind: WebhookKind },
  body: string,
  { keys, now, environment }: Signing,
): Record<string, string> {
  const [newest] = keys;
  if (newest === undefined) return { "content-type": "application/json", "webhook-id": id };
  const timestampSeconds = Math.floor(now / 1_000);
  const headers = {
    "content-type": "application/json",
    ...signatureHeaders({ id, timestampSeconds, body, secrets: keys }),
  };
  if (kind !== "inbound") return headers;
  const signature = inboundSignature({
    secretText: secretText(newest),
    timestampSeconds,
    environment,
    rawBody: body,
  });
  return { ...headers, signature, timestamp: String(timestampSeconds), environment };
}
