import { PostSender } from "../../http/routes/sender-schemas.ts";
import { Identifier, Nothing, Senders } from "../answers.ts";
import { ACCOUNT, END, SENDER } from "../examples.ts";
import type { Operation } from "../operation.ts";
import { paged } from "./delivery.ts";

const common = { group: "Sender IDs", key: "organization", query: {} } as const;

export const senders: Operation[] = [
  {
    ...common,
    id: "register-sender",
    method: "POST",
    path: "/sender",
    summary: "Register a sender ID",
    description:
      "From then on nobody else may send as it. Without `account` it is the organization's, and every account of it may use it. Case does not tell two sender IDs apart, nor do characters that look alike: `0` and `O`, `1`, `I` and `l`, letters with and without marks, Greek capitals that look like Latin ones. An inbound message to a registered number goes to the account that it is registered to.",
    body: {
      schema: PostSender,
      examples: [
        { summary: "For the organization", value: { value: "MyShop" } },
        { summary: "For one account", value: { value: "447700900999", account: ACCOUNT } },
      ],
    },
    answer: { description: "Registered.", schema: Identifier, example: { identifier: SENDER } },
    problems: ["sender-registered", "not-found"],
  },
  {
    ...common,
    ...paged,
    id: "list-senders",
    method: "GET",
    path: "/sender",
    summary: "List the sender IDs",
    description: "Those of the organization and of its accounts, in the order of their registration.",
    answer: {
      description: "A page of sender IDs.",
      schema: Senders,
      example: { items: [{ identifier: SENDER, value: "MyShop", account: null }], ...END },
    },
  },
  {
    ...common,
    id: "delete-sender",
    method: "DELETE",
    path: "/sender/{uuid}",
    summary: "Give up a sender ID",
    description: "It is free from then on: others may register it. Messages that were accepted go on.",
    pathParameters: { uuid: { description: "The registration's identifier.", example: SENDER } },
    answer: { description: "Deleted.", schema: Nothing, example: {} },
  },
];
