import { PatchOrganization, PostKey, PostOrganization } from "../../http/routes/account-schemas.ts";
import { ROUTE_QUERY } from "../../http/routes/carriers.ts";
import { IdentifierAndKey, NewKey, Nothing, Organizations } from "../answers.ts";
import { PausedCarrier, Reload, RouteTaken } from "../carrier-answers.ts";
import { API_KEY, END, ORGANIZATION } from "../examples.ts";
import { NO_BODY, type Operation } from "../operation.ts";
import { Carriers } from "../operator-answers.ts";
import { ownPaged, paged } from "./delivery.ts";

const pathParameters = { uuid: { description: "The organization's identifier.", example: ORGANIZATION } };
const carrierParameter = {
  id: { description: "The carrier's id in the configuration.", schema: { type: "string" }, example: "simulator" },
};
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
    description: "All of them, with their balances.",
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
            paused: false,
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
  {
    ...common,
    id: "pause-carrier",
    method: "POST",
    path: "/carriers/{id}/pause",
    summary: "Have a carrier take nothing",
    description:
      "It keeps its binds, and what it says of messages that it has counts. What would go by it goes by the next carrier of its route, as `failover` says of one that is down, or waits. It holds for every program on the store, and over a restart.",
    pathParameters: carrierParameter,
    body: NO_BODY,
    answer: { description: "Paused.", schema: PausedCarrier, example: { id: "simulator", paused: true } },
    problems: ["not-found"],
  },
  {
    ...common,
    id: "resume-carrier",
    method: "POST",
    path: "/carriers/{id}/resume",
    summary: "Have a carrier go on",
    description: "What waited for it goes on; a carrier that is not paused stays as it is.",
    pathParameters: carrierParameter,
    body: NO_BODY,
    answer: {
      description: "It takes messages again.",
      schema: PausedCarrier,
      example: { id: "simulator", paused: false },
    },
    problems: ["not-found"],
  },
  {
    ...common,
    id: "explain-route",
    method: "GET",
    path: "/route",
    summary: "See which way a message would go",
    description: "By the configuration and the state of the carriers now, with the reason. Nothing is sent.",
    query: ROUTE_QUERY,
    words: {
      to: { description: "The number, in E.164; required.", example: "447700900123" },
      account: { description: "The identifier of the account that sends it." },
      sender: { description: "The sender ID." },
      channel: { description: "sms unless told.", schema: { enum: ["sms", "rcs"] } },
    },
    answer: {
      description: "The route, its carriers, and why.",
      schema: RouteTaken,
      example: {
        to: "447700900123",
        channel: "sms",
        account: null,
        sender: null,
        route: { index: 0, to: "44", account: null, sender: null, failover: ["down"] },
        carriers: [
          { id: "acme", state: "up", paused: false, share: null },
          { id: "other", state: "up", paused: false, share: null },
        ],
        next: "acme",
        why: '"44" is the longest prefix that fits. "acme" is the first of its carriers that takes messages.',
      },
    },
  },
  {
    ...common,
    id: "reload",
    method: "POST",
    path: "/reload",
    summary: "Read the configuration anew",
    description:
      "As SIGHUP does where there is no terminal. All of it counts from then on, or, where it has a fault, nothing: every fault is named. Carriers, routes, `senders`, `limits`, `callbacks`, `log.level` and certificates change while the program runs; carriers that have not changed keep their binds, and customers theirs. What needs a restart is named. Other programs on the store read theirs, too, and `others` has what they answered; where this program's has a fault, they are not asked.",
    body: NO_BODY,
    answer: {
      description: "Read.",
      schema: Reload,
      example: {
        changed: ["carriers.acme", "limits.burst"],
        restart: ["server.port"],
        others: [
          {
            host: "sms-2",
            pid: 4711,
            state: "refused",
            changed: [],
            restart: [],
            detail: "The configuration is not valid.",
            errors: [{ path: "routes[0].carriers[0]", message: 'there is no carrier "acme"' }],
          },
        ],
      },
    },
    problems: ["configuration-invalid"],
  },
];
