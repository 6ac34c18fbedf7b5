import { field, type WebhookHeaders } from "./headers.ts";
import type { EndpointEvent, InboundMessage, Receipt } from "./payloads.ts";
import { unparsed, type VerifyOptions, verifyWebhook, WebhookError } from "./verify.ts";

/** A verified webhook. `id` is the same on every try: recognize repeats by it. */
export type Webhook =
  | { kind: "receipt"; id: string; payload: Receipt }
  | { kind: "inbound"; id: string; payload: InboundMessage }
  | { kind: "event"; id: string; payload: EndpointEvent };

/** A `Request`, or its parts in another runtime; the body as it came, before anything parses it. */
export type WebhookRequest = Request | { headers: WebhookHeaders; body: string | Uint8Array };

/**
 * Verifies a webhook by its Standard Webhooks signature, and reads it. Consumes a `Request`'s body.
 * @throws WebhookError if the signature is wrong, or the content is of an unknown kind; TypeError if `secrets` are none
 */
export async function parseWebhook(request: WebhookRequest, options: VerifyOptions): Promise<Webhook> {
  const { headers } = request;
  const body = await bodyOf(request);
  await verifyWebhook(headers, body, options);
  const payload = contentOf(typeof body === "string" ? body : new TextDecoder().decode(body));
  // It exists: the signature covers it.
  const id = field(headers, "webhook-id") as string;
  if (isEvent(payload)) return { kind: "event", id, payload };
  if ("mo_uuid" in payload) return { kind: "inbound", id, payload: payload as InboundMessage };
  if ("receiptInfo" in payload) return { kind: "receipt", id, payload: payload as Receipt };
  throw unknownContent("is of a kind that this version does not know: update it, or read the body yourself");
}

/** @throws WebhookError if it is no object in JSON */
function contentOf(text: string): object {
  try {
    const payload = JSON.parse(text) as unknown;
    if (typeof payload === "object" && payload !== null) return payload;
  } catch {
    // Said below.
  }
  throw unknownContent("is no object in JSON");
}

function unknownContent(how: string): WebhookError {
  return new WebhookError("content-unknown", `the webhook is signed, but ${how}`);
}

async function bodyOf(request: WebhookRequest): Promise<string | Uint8Array> {
  if (!("arrayBuffer" in request)) return unparsed(request.body);
  return unparsed(request.bodyUsed ? null : new Uint8Array(await request.arrayBuffer()));
}

const EVENTS: readonly unknown[] = [
  "endpoint.failing",
  "endpoint.recovered",
  "webhook.exhausted",
] satisfies EndpointEvent["type"][];

function isEvent(payload: { type?: unknown }): payload is EndpointEvent {
  return EVENTS.includes(payload.type);
}
