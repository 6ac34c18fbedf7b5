import Type, { type TSchema } from "typebox";
import { inboundBody } from "../message/inbound.ts";
import { DELIVERED } from "../message/lifecycle.ts";
import { receiptBody } from "../message/webhook.ts";
import type { EndpointEvent } from "../notify/endpoint-events/events.ts";
import { InboundMessage, orNull, Receipt, time, uuid } from "./answers.ts";
import { ACCOUNT, AT, BATCH, HANDSET, HOOK, INBOUND, MESSAGE } from "./examples.ts";
import type { ParameterWords } from "./operation.ts";

/** A request that the program makes to a customer's URL. */
export interface DocumentedWebhook {
  /** Its anchor in the page is `webhook-` and this. */
  id: string;
  summary: string;
  description: string;
  schema: TSchema;
  example: unknown;
  /** Whether it also has the header fields of the hosted service's inbound webhook. */
  hostedSignature?: true;
}

export const receiptExample: unknown = JSON.parse(
  receiptBody(MESSAGE, {
    destination: HANDSET.slice(1),
    state: DELIVERED,
    code: 0,
    givenId: null,
    batchId: BATCH,
    batchGivenId: null,
  }),
);
export const inboundExample = inboundBody(ACCOUNT, {
  id: INBOUND,
  receivedAt: new Date("2026-11-25T09:31:04.512Z"),
  handset: HANDSET.slice(1),
  number: "447700900999",
  message: "Yes please!",
  rcs: null,
  batchId: BATCH,
  messageId: MESSAGE,
});

const about = { account_uuid: ACCOUNT, endpoint: new URL(HOOK).origin };
const aboutSchema = {
  account_uuid: uuid("The account."),
  endpoint: Type.String({ description: "The endpoint: the origin of the URL." }),
};
const reason = orNull(Type.String(), "Why the last try failed, in a sentence.");
const eventSchema = (type: EndpointEvent["type"], title: string, data: TSchema) =>
  Type.Object({ type: Type.Literal(type), timestamp: time("When."), data }, { title });

const failing = {
  type: "endpoint.failing",
  timestamp: AT,
  data: { ...about, reason: "The answer's status was 500." },
} as const satisfies EndpointEvent;
const recovered = { type: "endpoint.recovered", timestamp: AT, data: about } as const satisfies EndpointEvent;
const exhausted = {
  type: "webhook.exhausted",
  timestamp: AT,
  data: { ...about, reason: "There was no answer in time.", count: 1, webhook_ids: [MESSAGE] },
} satisfies EndpointEvent;

/** The header fields of every webhook. */
export const WEBHOOK_HEADERS: Record<string, ParameterWords> = {
  "webhook-id": { description: "The webhook's identifier, the same on every try and replay: tell repeats by it." },
  "webhook-timestamp": { description: "When this try is made, seconds since 1970. Where the account has secrets." },
  "webhook-signature": {
    description: "`v1,` and a signature in base64, one for each secret. Where the account has secrets.",
  },
};

/** The hosted service's own, beside them. */
export const HOSTED_HEADERS: Record<string, ParameterWords> = {
  signature: {
    description:
      "HMAC-SHA256 in hexadecimal of `{timestamp}.{environment}.{body}` under the text of the newest secret. Where the account has secrets.",
  },
  timestamp: { description: "Seconds since 1970. Where the account has secrets." },
  environment: { description: "`environment` of the configuration. Where the account has secrets." },
};

const ONCE = "Of one endpoint it is told once a minute at most. It goes to the account's `events_url`.";

export const WEBHOOKS: DocumentedWebhook[] = [
  {
    id: "receipt",
    summary: "A message is final",
    description:
      "The final word on one message, to its `callback`, as soon as it is known. Once per message; tell repeats by `messageuuid`.",
    schema: Type.Object(
      {
        destination: Type.String({ description: "The handset, with `+`." }),
        delivered: Type.Boolean({ description: "Delivered, or failed." }),
        batchuuid: uuid("The batch."),
        messageuuid: uuid("The message."),
        receiptInfo: Receipt,
      },
      { title: "ReceiptWebhook" },
    ),
    example: receiptExample,
  },
  {
    id: "inbound-message",
    summary: "A handset has written",
    description:
      "To the account's `inbound_url`: the account that the number is registered to, or that the shared number is locked to for this handset. A text that came in parts is put together first. STOP and its kin opt a handset out (`senders.optOut`); they are passed on too.\n\nWhat a handset answers over RCS (texts, taps on suggestions, files, locations) goes to the account that sent it its latest message by that agent. Without any it goes to the first account of the only organization, and to nobody where there are several.",
    schema: InboundMessage,
    example: inboundExample,
    hostedSignature: true,
  },
  {
    id: "endpoint-failing",
    summary: "An endpoint has begun to fail",
    description: `20 different webhooks in a row have failed. ${ONCE}`,
    schema: eventSchema(failing.type, "EndpointFailing", Type.Object({ ...aboutSchema, reason })),
    example: failing,
  },
  {
    id: "endpoint-recovered",
    summary: "An endpoint works again",
    description: `A webhook was delivered after all. ${ONCE}`,
    schema: eventSchema(recovered.type, "EndpointRecovered", Type.Object(aboutSchema)),
    example: recovered,
  },
  {
    id: "webhook-exhausted",
    summary: "Webhooks were given up",
    description: `Their last try has failed. They are kept, listed at [GET /webhooks](#list-webhooks), and can be [replayed](#replay-webhooks). ${ONCE}`,
    schema: eventSchema(
      exhausted.type,
      "WebhookExhausted",
      Type.Object({
        ...aboutSchema,
        reason,
        count: Type.Integer({ description: "How many since the event before." }),
        webhook_ids: Type.Array(Type.String({ format: "uuid" }), { description: "The first 20 of them." }),
      }),
    ),
    example: exhausted,
  },
];
