import { CarrierEvent } from "../../http/routes/carrier-events.ts";
import { AnyText } from "../answers.ts";
import type { Operation } from "../operation.ts";

const common = {
  group: "Running it",
  key: null,
  query: null,
  pathParameters: {
    id: { description: "The carrier's `id` in the configuration.", schema: { type: "string" }, example: "own" },
  },
  answer: {
    description: "Taken, and committed. What the carrier's settings have as `answer`; nothing unless they say so.",
    schema: AnyText,
    example: "",
    type: "text/plain",
  },
  problems: ["not-found", "wrong-credentials", "wrong-signature", "no-progress", "store-unavailable"],
} as const satisfies Partial<Operation>;

const WHO =
  "Where the carrier's `auth` asks for a user name and a password they are needed here (Basic); where it has a secret, the path goes on with it: `…/{secret}`. Without what it asks for nothing is read.";

/** Requests of the providers of HTTP carriers. */
export const carrierEvents: Operation[] = [
  {
    ...common,
    id: "post-carrier-receipts",
    method: "POST",
    path: "/carriers/{id}/receipts",
    summary: "Where an HTTP carrier's provider posts its receipts",
    description: `For the provider, not for callers. Answered once what it says is committed, so that what is not answered is to be posted again; what is posted twice is told once. ${WHO}`,
    body: {
      schema: CarrierEvent,
      examples: [{ summary: "As the carrier's settings have it", value: { id: "m-1", state: "delivered" } }],
    },
  },
  {
    ...common,
    id: "get-carrier-receipts",
    method: "GET",
    path: "/carriers/{id}/receipts",
    summary: "The same, in the query",
    description: "For providers that tell what became of a message in a URL.",
  },
  {
    ...common,
    id: "post-carrier-inbound",
    method: "POST",
    path: "/carriers/{id}/inbound",
    summary: "Where an HTTP carrier's provider posts what handsets wrote",
    description: `For the provider, not for callers. What comes for a number that is nobody's is taken, and dropped. ${WHO}`,
    body: {
      schema: CarrierEvent,
      examples: [
        {
          summary: "As the carrier's settings have it",
          value: { from: "447700900123", to: "447700900001", text: "Hello", ref: "i-1" },
        },
      ],
    },
  },
  {
    ...common,
    id: "get-carrier-inbound",
    method: "GET",
    path: "/carriers/{id}/inbound",
    summary: "The same, in the query",
    description: "For providers that pass a text on in a URL.",
  },
];
