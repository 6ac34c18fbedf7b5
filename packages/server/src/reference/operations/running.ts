import { PROMETHEUS } from "../../http/routes/operation.ts";
import { RcsEvent } from "../../http/routes/rcs-event.ts";
import type { ProblemName } from "../../runtime/problems.ts";
import { AnyText, Live, OpenApi, Ready } from "../answers.ts";
import type { Operation } from "../operation.ts";
import { carrierEvents } from "./carrier-events.ts";

/** As Google's documentation has it. */
const CLIENT_TOKEN = "SJENCPGJESMGUFPY";
const common = {
  group: "Running it",
  method: "GET",
  key: null,
  query: null,
  problems: ["malformed-request"] as readonly ProblemName[],
} as const;

export const running: Operation[] = [
  {
    ...common,
    id: "health-live",
    path: "/health/live",
    summary: "Is it alive?",
    description:
      "Whether the work behind the requests goes on, that of other processes of the program included. A store that is out of reach does not count: starting again does not mend it.",
    answer: { description: "It is.", schema: Live, example: { status: "live" } },
    problems: ["malformed-request", "no-progress"],
  },
  {
    ...common,
    id: "health-ready",
    path: "/health/ready",
    summary: "Can it accept?",
    description:
      "Messages are accepted while no carrier is up, and wait; then it is ready all the same, and says so among `warnings`.",
    answer: {
      description: "It can: its store answers and has room.",
      schema: Ready,
      example: { status: "ready", warnings: [] },
    },
    problems: ["malformed-request", "store-unavailable"],
  },
  {
    ...common,
    id: "metrics",
    path: "/metrics",
    summary: "What it counts",
    description:
      "In Prometheus' text form, of all processes of the program. Where `metrics.key` is configured, it or the operator's key is needed here, as any key: as a bearer token, or `?key=…`.",
    answer: {
      description: "The metrics.",
      schema: AnyText,
      example: "# TYPE mplus_messages_final_total counter\n",
      type: PROMETHEUS,
    },
    problems: ["invalid-key", "invalid-token"],
  },
  {
    ...common,
    id: "openapi",
    path: "/openapi.json",
    summary: "This reference as an OpenAPI document",
    description: "For generators of clients, and for other renderers. Everything that this page shows is in it.",
    answer: { description: "OpenAPI 3.1.", schema: OpenApi, example: { openapi: "3.1.1" } },
  },
  {
    ...common,
    id: "docs",
    path: "/docs",
    summary: "This reference as a page",
    description:
      "It can be searched, has examples in four languages, and tries requests. The guides are beside it, at `/docs/guides`.",
    answer: { description: "The page.", schema: AnyText, example: "<!doctype html>", type: "text/html" },
  },
  {
    ...common,
    id: "dashboard",
    path: "/dashboard",
    summary: "The dashboard",
    description:
      "A page that shows what a key opens: messages, webhooks and inbound messages; accounts and sender IDs; organizations and carriers. It asks for the key, keeps it in the browser's tab alone, and uses this API.",
    answer: { description: "The page.", schema: AnyText, example: "<!doctype html>", type: "text/html" },
    problems: ["not-found"],
  },
  {
    ...common,
    id: "post-rcs-event",
    method: "POST",
    path: "/rcs/{carrier}",
    summary: "Where an RCS platform posts its events",
    description: `To be entered as the agent's webhook at the platform; not for callers. Answered once what the event says is committed, so that one that is not answered is to be posted again.

Each event is signed with the carrier's \`clientToken\` in the header \`X-Goog-Signature\`. It is the body itself, or JSON in base64 in \`message.data\`. DELIVERED and READ make their message delivered, TTL_EXPIRATION_REVOKED ends its try by RCS. What a handset sends becomes an [inbound message](#webhook-inbound-message), once, however often it is posted. Other events are taken and say nothing.`,
    pathParameters: {
      carrier: { description: "The carrier's `id` in the configuration.", schema: { type: "string" }, example: "rbm" },
    },
    body: {
      schema: RcsEvent,
      examples: [{ summary: "The set-up of the webhook", value: { clientToken: CLIENT_TOKEN, secret: "1234567890" } }],
    },
    answer: {
      description: "Taken. To the set-up, the secret.",
      schema: AnyText,
      example: "1234567890",
      type: "text/plain",
    },
    problems: ["invalid-request", "wrong-signature", "not-found", "no-progress", "store-unavailable"],
  },
  ...carrierEvents,
];
