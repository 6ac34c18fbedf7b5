import { MESSAGE_STATES } from "../../http/routes/message-answers.ts";
import { MESSAGES_QUERY } from "../../http/routes/message-list.ts";
import { CHANNELS } from "../../message/channel.ts";
import { RECEIPT_CODES } from "../../message/receipt-codes.ts";
import { AT, BATCH, END, HANDSET, HOOK, MESSAGE } from "../examples.ts";
import { MessageList, MessageStory } from "../message-answers.ts";
import { type Operation, query } from "../operation.ts";
import { after, csv, limit } from "./delivery.ts";

const uuid = { type: "string", format: "uuid" };
const time = { type: "string", format: "date-time" };

const found = {
  message_uuid: MESSAGE,
  batch_uuid: BATCH,
  to: HANDSET,
  from: "MyShop",
  channel: "sms",
  body: "Your order is on its way.",
  parts: 1,
  state: "delivered",
  code: "00",
  description: "Successful",
  accepted_at: AT,
  submitted_at: "2026-11-25T09:30:00.048Z",
  final_at: "2026-11-25T09:30:01.312Z",
  callback: HOOK,
};

/** Messages as they are found. */
export const messageLog: Operation[] = [
  {
    id: "list-messages",
    method: "GET",
    path: "/message",
    group: "Delivery status",
    summary: "Find messages",
    description: `The newest first; all that the query names holds of each. An account's key finds its own, an organization's those of all its accounts, the operator's all.

A page is answered after half a second as far as it has come: it may be short, or empty, and have a \`next\` all the same. By number, the messages of each day are found in milliseconds; \`since\` and \`until\` make every other search shorter too. What is held for its \`send_at\` is among [what is pending](#list-pending-batches).`,
    key: "any",
    ...query(MESSAGES_QUERY, {
      to: {
        description: "A number in any form in which one is sent to, or its last digits, six at least, as `*900123`.",
        example: HANDSET,
      },
      from: { description: "Only from this sender." },
      state: {
        description: `Only in these states: ${MESSAGE_STATES.join(", ")}; several with commas.`,
        example: "delivered,failed",
      },
      code: {
        description: "Only with this receipt code.",
        schema: { type: "string", enum: RECEIPT_CODES.map(({ code }) => code) },
      },
      channel: { description: "Only at this channel.", schema: { type: "string", enum: [...CHANNELS] } },
      carrier: { description: "Only by this carrier, by its `id`; with an organization's key or the operator's." },
      batch: { description: "Only those of a batch, by its identifier.", schema: uuid },
      account: { description: "Only an account's, by its identifier.", schema: uuid },
      since: {
        description:
          "Only those accepted at this time or later, ISO 8601. A message that was held for its `send_at` is found by that time.",
        schema: time,
      },
      until: { description: "Only those accepted before this time, ISO 8601.", schema: time },
      format: csv(""),
      limit: { ...limit, description: `${limit.description} 100 unless told.` },
      after,
    }),
    answer: {
      description: "A page of messages.",
      schema: MessageList,
      example: { items: [found], ...END },
    },
    problems: ["query-too-slow"],
  },
  {
    id: "get-message",
    method: "GET",
    path: "/message/{uuid}",
    group: "Delivery status",
    summary: "See all that happened to a message",
    description: `What each carrier answered and said of it, in its own words: every submit, every refusal, every receipt, also those that came late, repeated, or moved nothing, and every try of its webhook. While it is not final, \`waiting\` says why.

A message that is held for its \`send_at\` is unknown here until then; it is among [what is pending](#list-pending-batches). Of an [erased](#erase-handset) one stay its times, its codes and its states.`,
    key: "any",
    pathParameters: { uuid: { description: "The message: the identifier that was given, or ours.", example: MESSAGE } },
    query: {},
    answer: {
      description: "The message.",
      schema: MessageStory,
      example: {
        ...found,
        events: [
          { at: AT, kind: "accepted", via: "http" },
          {
            at: "2026-11-25T09:30:00.048Z",
            kind: "submitted",
            carrier: "a",
            part: 1,
            carrier_message_id: "7c1f02aa",
            seconds: 0.045,
          },
          {
            at: "2026-11-25T09:30:01.310Z",
            kind: "receipt",
            carrier: "a",
            part: 1,
            state: "delivered",
            error: "000",
            text: "id:7c1f02aa sub:001 dlvrd:001 submit date:2611250930 done date:2611250930 stat:DELIVRD err:000 text:",
            done_at: "2026-11-25T09:30:00.000Z",
            applied: true,
            why: null,
          },
          { at: "2026-11-25T09:30:01.312Z", kind: "delivered", code: "00", description: "Successful" },
          {
            at: "2026-11-25T09:30:01.316Z",
            kind: "webhook",
            attempt: 1,
            url: HOOK,
            status: 200,
            fault: null,
            seconds: 0.088,
          },
        ],
        waiting: null,
      },
    },
  },
];
