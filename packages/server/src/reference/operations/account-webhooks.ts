import { PutAccountWebhook } from "../../http/routes/account-webhooks.ts";
import { AccountWebhooks, Identifier, NewSecret, Secrets } from "../answers.ts";
import { ACCOUNT, AT, END, SECRET } from "../examples.ts";
import { NO_BODY, type Operation } from "../operation.ts";
import { pathParameters } from "./accounts.ts";
import { paged } from "./delivery.ts";

const common = { group: "Webhooks of an account", key: "organization", query: {}, pathParameters } as const;
const urls = { inbound_url: "https://hooks.example.com/inbound", events_url: null };

export const accountWebhooks: Operation[] = [
  {
    ...common,
    id: "get-account-webhook",
    method: "GET",
    path: "/account/{uuid}/webhook",
    summary: "See where an account is told of things",
    description:
      "Where [messages from handsets](#webhook-inbound-message) and [events about endpoints](#webhook-endpoint-failing) go; null where nothing goes.",
    answer: { description: "Both URLs.", schema: AccountWebhooks, example: urls },
  },
  {
    ...common,
    id: "set-account-webhook",
    method: "PUT",
    path: "/account/{uuid}/webhook",
    summary: "Say where an account is told of things",
    description:
      "[Messages from handsets](#webhook-inbound-message) go to `inbound_url`, [events about endpoints](#webhook-endpoint-failing) to `events_url`. A field that is left out stays as it is; null takes it away. (Receipts go to the `callback` of their message.)",
    body: {
      schema: PutAccountWebhook,
      examples: [{ summary: "Inbound messages", value: { inbound_url: urls.inbound_url } }],
    },
    answer: { description: "Both URLs, as they are now.", schema: AccountWebhooks, example: urls },
  },
  {
    ...common,
    id: "create-secret",
    method: "POST",
    path: "/account/{uuid}/secret",
    summary: "Make a secret",
    description:
      "Everything that the account is sent is signed with each of its secrets; it may have two. To change a secret, make the new one, teach it to the receivers, delete the old one.",
    body: NO_BODY,
    answer: {
      description: "The secret.",
      schema: NewSecret,
      example: { identifier: SECRET, secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" },
    },
    problems: ["too-many-secrets"],
  },
  {
    ...common,
    ...paged,
    id: "list-secrets",
    method: "GET",
    path: "/account/{uuid}/secret",
    summary: "List the secrets",
    description: "Without the secrets themselves.",
    answer: {
      description: "The secrets.",
      schema: Secrets,
      example: { items: [{ identifier: SECRET, created_at: AT }], ...END },
    },
  },
  {
    ...common,
    id: "delete-secret",
    method: "DELETE",
    path: "/account/{uuid}/secret/{secret}",
    summary: "Delete a secret",
    description: "What is sent a moment later is not signed with it any more.",
    pathParameters: {
      uuid: { description: "The account's identifier.", example: ACCOUNT },
      secret: { description: "The secret's identifier.", example: SECRET },
    },
    answer: { description: "Deleted.", schema: Identifier, example: { identifier: SECRET } },
  },
];
