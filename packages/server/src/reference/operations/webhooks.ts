import { read } from "../../http/field-rules.ts";
import { INBOUND_QUERY } from "../../http/routes/inbound.ts";
import { ENDPOINT_FILTER, LIST_QUERY, PostReplay } from "../../http/routes/webhooks.ts";
import { WEBHOOK_STATES } from "../../message/webhook.ts";
import { Endpoints, InboundList, Replayed, WebhookDetails, WebhookList } from "../answers.ts";
import { ACCOUNT, AT, BATCH, END, HANDSET, HOOK, MESSAGE } from "../examples.ts";
import { NO_BODY, type Operation, query } from "../operation.ts";
import { inboundExample, receiptExample } from "../webhooks.ts";
import { after, limit, ownPaged } from "./delivery.ts";

const id = { description: "The webhook's `id`, or the identifier that its message was given.", example: MESSAGE };
const uuid = read("uuid", {});
const time = read("time", {});

const failed = { at: AT, status: 503, fault: null, reason: "The answer's status was 503." };
const shown = {
  id: MESSAGE,
  kind: "receipt",
  state: "exhausted",
  endpoint: new URL(HOOK).origin,
  url: HOOK,
  batch_uuid: BATCH,
  message_uuid: MESSAGE,
  tries: 6,
  created_at: "2026-11-25T02:10:00.000Z",
  next_at: null,
  held: null,
};

export const webhookLog: Operation[] = [
  {
    id: "list-webhooks",
    method: "GET",
    path: "/webhooks",
    group: "Webhook log",
    summary: "List webhooks",
    description: "Filters are all to hold at once.",
    key: "account",
    ...query(LIST_QUERY, {
      state: {
        description: "Only those in this state.",
        schema: { type: "string", enum: WEBHOOK_STATES },
        example: "exhausted",
      },
      batch: { description: "Only those of a batch's messages, by its identifier.", schema: uuid },
      message: { description: "Only a message's, by its identifier.", schema: uuid },
      endpoint: { description: ENDPOINT_FILTER, schema: { type: "string" }, example: new URL(HOOK).origin },
      from: { description: "Only those made at this time or later, ISO 8601.", schema: time },
      to: {
        description:
          "A number, whole or by its last digits as `*123456` (six at least): only those of messages to it. Or a time of ISO 8601: only those made before it.",
        schema: { type: "string" },
        example: HANDSET,
      },
      limit: { ...limit, description: `${limit.description} 100 unless told.` },
      after,
    }),
    answer: {
      description: "A page of webhooks.",
      schema: WebhookList,
      example: { items: [{ ...shown, last_attempt: failed }], ...END },
    },
  },
  {
    id: "get-webhook",
    method: "GET",
    path: "/webhooks/{id}",
    group: "Webhook log",
    summary: "See a webhook with every attempt",
    description: "With every attempt, and the body as it is sent.",
    key: "account",
    pathParameters: { id },
    query: {},
    answer: {
      description: "The webhook.",
      schema: WebhookDetails,
      example: {
        ...shown,
        body: JSON.stringify(receiptExample),
        attempts: [
          { ...failed, connect_ms: 12.4, first_byte_ms: 87.1, total_ms: 87.9, answer: "upstream is down" },
          {
            at: "2026-11-25T03:11:04.120Z",
            status: null,
            fault: "timeout",
            reason: "There was no answer in time.",
            connect_ms: 11.8,
            first_byte_ms: null,
            total_ms: 10_000,
            answer: null,
          },
        ],
      },
    },
  },
  {
    id: "list-endpoints",
    method: "GET",
    path: "/endpoints",
    group: "Webhook log",
    summary: "See how endpoints do",
    description:
      "An endpoint is an account together with the origin of a URL. An account's key shows its own, an organization's those of all its accounts, the operator's all. Written a second or two after a change, and every half a minute otherwise; an endpoint that nothing was sent to for a month is forgotten.",
    key: "any",
    ...ownPaged,
    answer: {
      description: "A page of endpoints.",
      schema: Endpoints,
      example: {
        items: [
          {
            origin: new URL(HOOK).origin,
            account_uuid: ACCOUNT,
            state: "probed",
            since: AT,
            waiting: 1834,
            next_probe_at: "2026-11-25T03:11:34.000Z",
            last: { at: "2026-11-25T03:11:04.120Z", status: null, fault: "timeout" },
          },
        ],
        ...END,
      },
    },
  },
  {
    id: "replay-webhook",
    method: "POST",
    path: "/webhooks/{id}/replay",
    group: "Webhook log",
    summary: "Try one webhook again",
    description: "At once, whatever its state, with all its retries. It keeps its body and its `webhook-id`.",
    key: "account",
    pathParameters: { id },
    query: {},
    body: NO_BODY,
    answer: { description: "1, or 0 while it is being tried as it is.", schema: Replayed, example: { replayed: 1 } },
    problems: ["too-many-replays"],
  },
  {
    id: "replay-webhooks",
    method: "POST",
    path: "/webhooks/replay",
    group: "Webhook log",
    summary: "Try many webhooks again",
    description:
      "They fall due the oldest first, `rate` a second, and no faster than `limits.replaysPerMinute` of the configuration, which counts each of them. One request replays a million at most; repeat it while it answers that many.",
    key: "account",
    query: {},
    body: {
      schema: PostReplay,
      examples: [
        {
          summary: "What a night's outage left",
          value: { state: "exhausted", from: "2026-11-24T22:00Z", to: "2026-11-25T06:00Z", rate: 50 },
        },
      ],
    },
    answer: { description: "How many there were.", schema: Replayed, example: { replayed: 1834 } },
    problems: ["too-many-replays"],
  },
  {
    id: "list-inbound",
    method: "GET",
    path: "/inbound",
    group: "Inbound messages",
    summary: "List messages from handsets",
    description: "What the [webhook of inbound messages](#webhook-inbound-message) told, in the same words.",
    key: "account",
    ...query(INBOUND_QUERY, {
      from: { description: "Only those from this handset.", schema: { type: "string" }, example: HANDSET },
      to: { description: "Only those to this number or sender ID.", schema: { type: "string" }, example: HANDSET },
      since: { description: "Only those that came at this time or later, ISO 8601.", schema: time },
      until: { description: "Only those that came before this time, ISO 8601.", schema: time },
      order: {
        description: "Which come first; `oldest` unless told.",
        schema: { type: "string", enum: ["oldest", "newest"] },
        example: "newest",
      },
      limit: { ...limit, description: `${limit.description} 100 unless told.` },
      after,
    }),
    answer: {
      description: "A page of messages.",
      schema: InboundList,
      example: { items: [inboundExample], ...END },
    },
  },
];
