import { PatchAccount, PatchTopup, PostAccount, PostKey } from "../../http/routes/account-schemas.ts";
import { Account, Accounts, IdentifierAndKey, Ledger, NewKey, Nothing } from "../answers.ts";
import { ACCOUNT, API_KEY, AT, BATCH, END } from "../examples.ts";
import type { Operation } from "../operation.ts";
import { ownPaged } from "./delivery.ts";

export const pathParameters = { uuid: { description: "The account's identifier.", example: ACCOUNT } };
const common = { group: "Accounts", key: "organization", query: {} } as const;
const one = { ...common, pathParameters } as const;
const listed = { identifier: ACCOUNT, name: "Shop", credits: 500 };

export const accounts: Operation[] = [
  {
    ...common,
    id: "create-account",
    method: "POST",
    path: "/account",
    summary: "Create an account",
    description: "It begins with no credits.",
    body: { schema: PostAccount, examples: [{ summary: "A name is all it needs", value: { name: "Shop" } }] },
    answer: {
      description: "Its identifier and its key.",
      schema: IdentifierAndKey,
      example: { identifier: ACCOUNT, apiKey: API_KEY },
    },
  },
  {
    ...common,
    id: "list-accounts",
    method: "GET",
    path: "/account",
    summary: "List the accounts",
    description: "All of the organization's, deactivated ones too.",
    answer: { description: "All of them.", schema: Accounts, example: { accounts: [{ ...listed, deleted: false }] } },
  },
  {
    ...one,
    id: "get-account",
    method: "GET",
    path: "/account/{uuid}",
    summary: "See an account",
    description: "Also one that is deactivated.",
    answer: {
      description: "The account, also where it is deactivated.",
      schema: Account,
      example: { ...listed, overdraft: false, deleted: false },
    },
  },
  {
    ...one,
    id: "change-account",
    method: "PATCH",
    path: "/account/{uuid}",
    summary: "Top up, rename or reactivate an account",
    description: `\`topup\` moves credits from the organization's balance to the account, and stands alone. The other fields change the account: its name, whether its balance may go below zero, and \`{"deleted": false}\` takes a deactivation back: its keys work again, its cancelled batches do not come back.`,
    body: {
      schema: PatchAccount,
      examples: [
        { summary: "Top up", value: { topup: 500 } },
        { summary: "Change", value: { name: "Web shop", overdraft: true } },
      ],
    },
    answer: { description: "Done.", schema: Nothing, example: {} },
    problems: ["credits-short"],
  },
  {
    ...common,
    id: "top-up",
    method: "PATCH",
    path: "/topup",
    summary: "Top up an account",
    description: "The same as `{topup}` at [PATCH /account/{uuid}](#change-account), with the account in the body.",
    body: { schema: PatchTopup, examples: [{ summary: "Top up", value: { accountUuid: ACCOUNT, topup: 500 } }] },
    answer: { description: "Done.", schema: Nothing, example: {} },
    problems: ["credits-short", "not-found"],
  },
  {
    ...one,
    id: "rotate-key",
    method: "POST",
    path: "/account/{uuid}/key",
    summary: "Give an account a new key",
    description:
      "The account's own key before it stops working once the grace is over: at once, unless a grace is given. [Keys with a name](#list-account-keys) go on.",
    body: {
      schema: PostKey,
      examples: [{ summary: "With a day of grace", value: { graceSeconds: 86_400 } }],
      required: false,
    },
    answer: { description: "The new key.", schema: NewKey, example: { apiKey: API_KEY } },
    problems: ["too-many-keys"],
  },
  {
    ...one,
    ...ownPaged,
    id: "get-ledger",
    method: "GET",
    path: "/account/{uuid}/ledger",
    summary: "See every movement of an account's credits",
    description: "Every movement of the account's credits, the newest first, with the balance after it.",
    answer: {
      description: "A page of movements.",
      schema: Ledger,
      example: {
        items: [
          { at: AT, kind: "charge", credits: -2, balance: 498, batch_uuid: BATCH },
          { at: "2026-11-25T09:00:00.000Z", kind: "topup", credits: 500, balance: 500, batch_uuid: null },
        ],
        ...END,
      },
    },
  },
  {
    ...one,
    id: "deactivate-account",
    method: "DELETE",
    path: "/account/{uuid}",
    summary: "Deactivate an account",
    description:
      "Its keys stop working at once, its pending batches are cancelled, and its credits go back to the organization. What was accepted before is still sent, and its webhooks are delivered.",
    answer: { description: "Done.", schema: Nothing, example: {} },
  },
];
