import { PROMETHEUS } from "../../accept/operation-routes.ts";
import { AnyText, Live, OpenApi, Ready } from "../answers.ts";
import type { Operation } from "../operation.ts";

const common = { group: "Running it", method: "GET", key: null, query: null } as const;

export const running: Operation[] = [
  {
    ...common,
    id: "health-live",
    path: "/health/live",
    summary: "Is it alive?",
    description:
      "Whether the work behind the requests goes on, that of other processes of the program included. A store that is out of reach does not count: starting again does not mend it.",
    answer: { description: "It is.", schema: Live, example: { status: "live" } },
    problems: ["no-progress"],
  },
  {
    ...common,
    id: "health-ready",
    path: "/health/ready",
    summary: "Can it accept?",
    answer: { description: "It can: its store answers and has room.", schema: Ready, example: { status: "ready" } },
    problems: ["store-unavailable"],
  },
  {
    ...common,
    id: "metrics",
    path: "/metrics",
    summary: "What it counts",
    description: "In Prometheus' text form, of all processes of the program.",
    answer: {
      description: "The metrics.",
      schema: AnyText,
      example: "# TYPE mplus_messages_final_total counter\n",
      type: PROMETHEUS,
    },
  },
  {
    ...common,
    id: "openapi",
    path: "/openapi.json",
    summary: "This reference as an OpenAPI document",
    answer: { description: "OpenAPI 3.1.", schema: OpenApi, example: { openapi: "3.1.1" } },
  },
  {
    ...common,
    id: "docs",
    path: "/docs",
    summary: "This reference as a page",
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
];
