import { PatchOrganization, PostKey, PostOrganization } from "../../http/routes/account-schemas.ts";
import { IdentifierAndKey, NewKey, Nothing, Organizations } from "../answers.ts";
import { API_KEY, END, ORGANIZATION } from "../examples.ts";
import type { Operation } from "../operation.ts";
import { Carriers } from "../operator-answers.ts";
import { ownPaged, paged } from "./delivery.ts";

const pathParameters = { uuid: { description: "The organization's identifier.", example: ORGANIZATION } };
const common = { group: "Operator", key: "operator", query: {} } as const;

export const operator: Operation[] = [
  {
    ...common,
    id: "create-organization",
    method: "POST",
    path: "/organization",
    summary: "Create an organization",
    description: "Without `credits` nothing of it is priced, and balances just count.",
    body: {
      schema: PostOrganization,
      examples: [
        { summary: "Without credits", value: { name: "Example Ltd" } },
        { summary: "With credits", value: { name: "Example Ltd", credits: true, balance: 10_000 } },
      ],
    },
    answer: {
      description: "Its identifier and its key.",
      schema: IdentifierAndKey,
      example: { identifier: ORGANIZATION, apiKey: API_KEY },
    },
  },
  {
    ...common,
    ...paged,
    id: "list-organizations",
    method: "GET",
    path: "/organization",
    summary: "List the organizations",
    answer: {
      description: "A page of organizations.",
      schema: Organizations,
      example: {
        items: [{ identifier: ORGANIZATION, name: "Example Ltd", credits: true, balance: 9_500 }],
        ...END,
      },
    },
  },
  {
    ...common,
    id: "change-organization",
    method: "PATCH",
    path: "/organization/{uuid}",
    summary: "Rename an organization, switch its credits, add to its balance",
    description: "Negative credits are taken back, as far as there are some.",
    pathParameters,
    body: {
      schema: PatchOrganization,
      examples: [
        { summary: "Add credits", value: { balance: { add: 10_000 } } },
        { summary: "Switch credits on", value: { credits: true } },
      ],
    },
    answer: { description: "Done.", schema: Nothing, example: {} },
    problems: ["credits-short"],
  },
  {
    ...common,
    id: "rotate-organization-key",
    method: "POST",
    path: "/organization/{uuid}/key",
    summary: "Give an organization a new key",
    description:
      "The organization's own key before it stops working once the grace is over: at once, unless a grace is given. [Keys with a name](#list-organization-keys) go on.",
    pathParameters,
    body: {
      schema: PostKey,
      examples: [{ summary: "With a day of grace", value: { graceSeconds: 86_400 } }],
      required: false,
    },
    answer: { description: "The new key.", schema: NewKey, example: { apiKey: API_KEY } },
    problems: ["too-many-keys"],
  },
  {
    ...common,
    ...ownPaged,
    id: "list-carriers",
    method: "GET",
    path: "/carriers",
    summary: "See how the carriers do",
    description: "Those of the program that is asked; none where it has not the role `carrier`.",
    answer: {
      description: "A page of carriers, in the order of the configuration.",
      schema: Carriers,
      example: {
        items: [
          {
            id: "simulator",
            type: "simulator",
            state: "up",
            since: "2026-11-29T08:00:01.250Z",
            why: null,
            last_status: "ESME_ROK",
            next_try_at: null,
            binds: { up: 1, of: 1 },
            bind_counts: { bound: 1, refused: 0, failed: 0, lost: 0 },
            window: 100,
            under_way: 3,
            throughput: 0,
            counts: { submitted: 1834, refused: 2, later: 0, uncertain: 0, received: 1841 },
          },
        ],
        ...END,
      },
    },
  },
];
