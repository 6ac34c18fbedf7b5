import { PostKey } from "../../http/routes/account-schemas.ts";
import { PatchSmppCredential, PostSmppCredential } from "../../http/routes/smpp-schemas.ts";
import { Identifier, Nothing } from "../answers.ts";
import { ACCOUNT, AT, CREDENTIAL, END } from "../examples.ts";
import type { Operation } from "../operation.ts";
import { NewSmppCredential, NewSmppPassword, SmppBinds, SmppCredentials } from "../smpp-answers.ts";
import { pathParameters as account } from "./accounts.ts";
import { ownPaged, paged } from "./delivery.ts";

const common = { group: "SMPP", key: "organization", query: {} } as const;
const pathParameters = {
  ...account,
  credential: { description: "The credential's identifier, as the list has it.", example: CREDENTIAL },
};

export const smpp: Operation[] = [
  {
    ...common,
    id: "create-smpp-credential",
    method: "POST",
    path: "/account/{uuid}/smpp",
    summary: "Let an account's software bind over SMPP",
    description:
      "Makes a `system_id` and its password, which is shown this once. Messages that come in over such a bind are the account's, as if they had come over HTTP.",
    pathParameters: account,
    body: {
      schema: PostSmppCredential,
      required: false,
      examples: [
        { summary: "With everything made up", value: {} },
        { summary: "From two networks alone", value: { binds: 2, allow: ["192.0.2.0/24", "2001:db8::/32"] } },
      ],
    },
    answer: {
      description: "What the software is to be configured with.",
      schema: NewSmppCredential,
      example: { identifier: CREDENTIAL, system_id: "mp0123456789", password: "x7GkRm2p" },
    },
    problems: ["too-many-credentials", "system-id-used"],
  },
  {
    ...common,
    ...paged,
    id: "list-smpp-credentials",
    method: "GET",
    path: "/account/{uuid}/smpp",
    summary: "List what an account's software may bind with",
    description: "Without their passwords, which are kept as hashes.",
    pathParameters: account,
    answer: {
      description: "A page of credentials, without their passwords.",
      schema: SmppCredentials,
      example: {
        items: [
          {
            identifier: CREDENTIAL,
            binds: 2,
            window: 100,
            throughput: null,
            allow: ["192.0.2.0/24"],
            alphabet: "gsm",
            system_id: "mp0123456789",
            created_at: AT,
          },
        ],
        ...END,
      },
    },
  },
  {
    ...common,
    id: "change-smpp-credential",
    method: "PATCH",
    path: "/account/{uuid}/smpp/{credential}",
    summary: "Change what a credential may do",
    description: "It holds at once, also for the binds that there are; those that it leaves no room for stay.",
    pathParameters,
    body: { schema: PatchSmppCredential, examples: [{ summary: "A limit", value: { throughput: 50 } }] },
    answer: { description: "Done.", schema: Nothing, example: {} },
    problems: ["system-id-used"],
  },
  {
    ...common,
    id: "rotate-smpp-password",
    method: "POST",
    path: "/account/{uuid}/smpp/{credential}/password",
    summary: "Give a credential a new password",
    description: "The one before it works until the grace is over. Binds that there are stay.",
    pathParameters,
    body: {
      schema: PostKey,
      required: false,
      examples: [{ summary: "With a day of grace", value: { graceSeconds: 86_400 } }],
    },
    answer: { description: "The new password.", schema: NewSmppPassword, example: { password: "x7GkRm2p" } },
  },
  {
    ...common,
    id: "delete-smpp-credential",
    method: "DELETE",
    path: "/account/{uuid}/smpp/{credential}",
    summary: "Take a credential away",
    description: "Its binds are ended.",
    pathParameters,
    answer: {
      description: "The identifier of the credential that is gone.",
      schema: Identifier,
      example: { identifier: CREDENTIAL },
    },
  },
  {
    ...ownPaged,
    id: "list-smpp-binds",
    method: "GET",
    path: "/smpp",
    group: "SMPP",
    key: "manager",
    summary: "See who is bound over SMPP",
    description:
      "The binds of customers' software to the program that answers, in all its processes. With an organization's key those of its accounts.",
    answer: {
      description: "A page of binds.",
      schema: SmppBinds,
      example: {
        items: [
          {
            system_id: "mp0123456789",
            account_uuid: ACCOUNT,
            address: "192.0.2.7",
            kind: "transceiver",
            since: AT,
            window: 100,
            under_way: 3,
            counts: { accepted: 4_211, refused: 2, delivered: 4_197 },
          },
        ],
        ...END,
      },
    },
  },
];
