import Type from "typebox";
import { PostBatch, PostMessage } from "../../http/send/schemas.ts";
import { LONGEST_KEY, SEND_QUERY } from "../../http/send/sending.ts";
import { AcceptedMessages, Identifier, NationalLanguages } from "../answers.ts";
import { BATCH, GIVEN, HANDSET, HOOK, MESSAGE } from "../examples.ts";
import { type Operation, query } from "../operation.ts";

const flag = (description: string) => ({ description, example: "true" });

const sending = {
  ...query(SEND_QUERY, {
    dryRun: flag(
      "Checks and prices the request and answers as usual, but stores, sends and charges nothing. The identifiers that it answers are not kept.",
    ),
    isDryrun: flag("Another spelling of `dryRun`."),
    allowMulti: flag("Allows a text of more than one part in the batch form; without it such a text is refused."),
  }),
  headers: {
    "Idempotency-Key": {
      description: `1 to ${LONGEST_KEY} characters of your own choice. The same key and body within 24 hours get the first answer again and send nothing, also while the first request is under way; another body under the same key is refused.`,
      schema: { type: "string", minLength: 1, maxLength: LONGEST_KEY },
      example: "order-1234-confirmation",
    },
  },
  problems: ["credits-short", "sender-not-yours", "identifier-used", "idempotency-key-used"],
} as const;

const from = { type: "custom", value: "MyShop" };

export const messages: Operation[] = [
  {
    id: "post-message",
    method: "POST",
    path: "/message",
    group: "Messages",
    summary: "Send different texts",
    description: `Takes 1 to 1,000 messages, each with a text and a handset of its own. All of them are taken, or none: every fault is named.

\`from\`, \`to\` and \`body\` are needed, in the message or in \`defaults\`. With \`{"type": "shared"}\` a number of the platform's pool is picked and locked to the account and the handset, so that answers find their way back and the handset always sees the same number.

A text goes out in GSM 7-bit where all its characters are of that alphabet (160 in one part, 153 in each of several), else in UCS-2 (70, and 67), or, where [the carriers of its route take it](#list-national-languages) and it makes fewer parts, with the tables of a national language. The server takes 10 parts at most (\`messages.maxParts\`). No text may hold NUL or half of a surrogate pair.

\`rcs\` is rich content that RCS shows in place of \`body\`: a text with things to tap, a card, a carousel, a file. \`body\` stays the text of the SMS, and what the message costs.

Each message is a batch of its own, under its \`batchUuid\`. A body with \`destinations\` is taken as [POST /batch](#post-batch) takes it.`,
    key: "account",
    ...sending,
    body: {
      schema: Type.Union([PostMessage, PostBatch]),
      examples: [
        {
          summary: "One text",
          value: { messages: [{ from, to: HANDSET, body: "Your order is on its way.", callback: HOOK }] },
        },
        {
          summary: "Several, with defaults",
          value: {
            defaults: { from, callback: HOOK, validity: 600 },
            messages: [
              { to: HANDSET, body: "Your code is 482913." },
              { to: "+447700900124", body: "Your code is 170554." },
            ],
          },
        },
        {
          summary: "At its time, under an identifier of your own",
          value: {
            messages: [
              { id: GIVEN, from, to: HANDSET, body: "See you tomorrow at ten.", send_at: "2030-01-31T09:30Z" },
            ],
          },
        },
        {
          summary: "With a parameter that the carrier asks for per template",
          value: {
            messages: [{ from, to: HANDSET, body: "Your code is 482913.", tlvs: { "0x1401": "1107161234567890123" } }],
          },
        },
        {
          summary: "By RCS with something to tap, else by SMS",
          value: {
            messages: [
              {
                from,
                to: HANDSET,
                body: "Your table is booked for eight. Answer 1 to confirm.",
                channels: ["rcs", "sms"],
                rcs: {
                  text: "Your table is booked for eight.",
                  suggestions: [
                    { reply: "I'll be there", postback: "confirm 4711" },
                    { dial: "Call us", number: "+447700900001", postback: "call 4711" },
                  ],
                },
              },
            ],
          },
        },
        {
          summary: "A card",
          value: {
            messages: [
              {
                from,
                to: HANDSET,
                body: "The new bikes are here: https://shop.example.com/bikes",
                channels: ["rcs", "sms"],
                rcs: {
                  card: {
                    title: "The new bikes are here",
                    description: "From 490 pounds.",
                    media: { url: "https://shop.example.com/bike.jpg", height: "MEDIUM" },
                    suggestions: [{ open: "See them", url: "https://shop.example.com/bikes", postback: "bikes" }],
                  },
                },
              },
            ],
          },
        },
        {
          summary: "The batch form",
          value: { from: "MyShop", message: "We are open until ten tonight.", destinations: [HANDSET], callback: HOOK },
        },
      ],
    },
    answer: {
      description: "Accepted: committed to disk, to be sent and reported whatever crashes afterwards.",
      schema: Type.Union([AcceptedMessages, Identifier]),
      example: {
        messages: [
          {
            to: HANDSET,
            body: "Your order is on its way.",
            from,
            callback: HOOK,
            batchUuid: BATCH,
            messageUuid: MESSAGE,
            scheduled: false,
          },
        ],
      },
    },
    problems: [...sending.problems, "no-shared-number"],
  },
  {
    id: "post-batch",
    method: "POST",
    path: "/batch",
    group: "Messages",
    summary: "Send one text to many handsets",
    description: `Takes 1 to 100,000 numbers. A number that is there twice is sent to once. \`from\` is text; \`shared\` numbers are for [POST /message](#post-message).

\`id\` and \`uuid\`, \`send_at\` and \`at\` are two spellings each; with different values they are refused.`,
    key: "account",
    ...sending,
    body: {
      schema: PostBatch,
      examples: [
        {
          summary: "Two handsets",
          value: {
            from: "MyShop",
            message: "We are open until ten tonight.",
            destinations: [HANDSET, "+447700900124"],
            callback: HOOK,
          },
        },
        {
          summary: "At its time",
          value: {
            from: "MyShop",
            message: "We are open until ten tonight.",
            destinations: [HANDSET, "+447700900124"],
            send_at: "2030-01-31T18:00+01:00",
          },
        },
        {
          summary: "By RCS as a carousel, else by SMS",
          value: {
            from: "MyShop",
            message: "Two new bikes: https://shop.example.com/bikes",
            destinations: [HANDSET, "+447700900124"],
            channel: "rcs",
            fallback_channels: ["sms"],
            rcs: {
              carousel: {
                width: "MEDIUM",
                cards: [
                  { title: "The red one", media: { url: "https://shop.example.com/red.jpg", height: "SHORT" } },
                  { title: "The blue one", media: { url: "https://shop.example.com/blue.jpg", height: "SHORT" } },
                ],
              },
              suggestions: [{ reply: "Not for me", postback: "no bikes" }],
            },
          },
        },
      ],
    },
    answer: { description: "Accepted, under this identifier.", schema: Identifier, example: { identifier: BATCH } },
  },
  {
    id: "list-national-languages",
    method: "GET",
    path: "/national-languages",
    group: "Messages",
    summary: "List the national languages of texts",
    description: `By where a message goes, the languages of 3GPP TS 23.038 annex A in which it may be written in GSM 7-bit (carriers' \`nationalLanguages\`). A text that is not in the GSM alphabet goes so where one of them has all its characters and that makes fewer parts than UCS-2: 155 characters in one part with the language's single shift or locking shift table and 149 in each of several, 152 and 146 with both; one from the single shift table counts twice. The text of a batch is in a language that all its numbers may get.`,
    key: "account",
    query: {},
    answer: {
      description: "The routes of texts.",
      schema: NationalLanguages,
      example: { routes: [{ to: "90", nationalLanguages: ["turkish"] }] },
    },
  },
];
