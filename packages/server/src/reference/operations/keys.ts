import { PostNamedKey } from "../../http/routes/account-schemas.ts";
import { Identifier, IdentifierAndKey, Keys, Me } from "../answers.ts";
import { ACCOUNT, API_KEY, AT, END, KEY, ORGANIZATION } from "../examples.ts";
import type { Operation } from "../operation.ts";
import { pathParameters as account } from "./accounts.ts";
import { paged } from "./delivery.ts";

const common = { group: "Further keys", key: "organization", query: {} } as const;
const key = { key: { description: "The key's identifier, as the list has it.", example: KEY } };
const description =
  "The key is shown this once. `read` opens every `GET` of its kind and nothing else; `send` sends, cancels and reads; `admin` opens what the account's or organization's own key does.";
const body = {
  schema: PostNamedKey,
  examples: [{ summary: "For those who only look", value: { name: "Support", scope: "read" } }],
};
const made = {
  description: "Its identifier, by which it is revoked, and the key.",
  schema: IdentifierAndKey,
  example: { identifier: KEY, apiKey: API_KEY },
};
const listed = {
  description: "A page of live keys.",
  schema: Keys,
  example: {
    items: [
      {
        identifier: KEY,
        name: "Support",
        scope: "read",
        prefix: API_KEY.slice(0, 6),
        created_at: AT,
        last_used_at: null,
        expires_at: null,
      },
    ],
    ...END,
  },
};
const revoked = {
  description: "The identifier of the key that has stopped working.",
  schema: Identifier,
  example: { identifier: KEY },
};

export const keys: Operation[] = [
  {
    id: "get-me",
    method: "GET",
    path: "/me",
    group: "Further keys",
    summary: "See whose a key is",
    description:
      "Open to every key. `account` is there for an account's key, `organization` for both but the operator's.",
    key: "any",
    query: {},
    answer: {
      description: "Whose the key is, and what it opens.",
      schema: Me,
      example: {
        kind: "account",
        scope: "admin",
        account: { identifier: ACCOUNT, name: "Shop", credits: 500, priced: true, channels: ["sms"] },
        organization: { identifier: ORGANIZATION, name: "Example Ltd" },
      },
    },
  },
  {
    ...common,
    id: "create-account-key",
    method: "POST",
    path: "/account/{uuid}/keys",
    summary: "Give an account a further key",
    description,
    pathParameters: account,
    body,
    answer: made,
    problems: ["too-many-keys"],
  },
  {
    ...common,
    ...paged,
    id: "list-account-keys",
    method: "GET",
    path: "/account/{uuid}/keys",
    summary: "List an account's keys",
    description: "The live ones, without their text: name, scope, first six characters, last use.",
    pathParameters: account,
    answer: listed,
  },
  {
    ...common,
    id: "revoke-account-key",
    method: "DELETE",
    path: "/account/{uuid}/keys/{key}",
    summary: "Revoke an account's key",
    description: "It stops working at once, whichever it is: also the account's own.",
    pathParameters: { ...account, ...key },
    answer: revoked,
  },
  {
    ...common,
    id: "create-organization-key",
    method: "POST",
    path: "/organization-keys",
    summary: "Make a further key for the organization",
    description: `${description} Nothing that an organization's key opens is sending: here \`send\` opens what \`read\` does.`,
    body,
    answer: made,
    problems: ["too-many-keys"],
  },
  {
    ...common,
    ...paged,
    id: "list-organization-keys",
    method: "GET",
    path: "/organization-keys",
    summary: "List the organization's keys",
    description: "The live ones, without their text: name, scope, first six characters, last use.",
    answer: listed,
  },
  {
    ...common,
    id: "revoke-organization-key",
    method: "DELETE",
    path: "/organization-keys/{key}",
    summary: "Revoke a key of the organization's",
    description: "It stops working at once, also where this request came with it.",
    pathParameters: key,
    answer: revoked,
    problems: ["last-admin-key"],
  },
];
