import type { TSchema } from "typebox";
import type { QueryShape } from "../http/query.ts";
import { NoFields } from "../http/routes/no-fields.ts";
import type { ProblemName } from "../runtime/problems.ts";

/** The groups of operations, in the reference's order. */
export const GROUPS = {
  Messages: "What is to be sent.",
  "Delivery status": "What became of it, and what waits for its time.",
  "Webhook log": "Every webhook with every attempt, and trying them again.",
  Statistics: "How much was sent, and what became of it.",
  "Inbound messages": "What handsets wrote.",
  Accounts: "An organization's accounts, their keys and credits.",
  "Webhooks of an account":
    "Where an account is told of inbound messages and of its endpoints, and what its webhooks are signed with.",
  "Sender IDs": "Whose a sender ID is.",
  Erasure: "Deleting what there is of a handset.",
  "Further keys": "Whose a key is, and keys beside an account's or organization's own, each with a scope.",
  SMPP: "What an account's software binds with.",
  Operator: "The operator's customers and carriers.",
  "Running it": "For whoever runs the program; no key is needed.",
} as const satisfies Record<string, string>;

export type Group = keyof typeof GROUPS;
/** Whose key opens an operation. */
export type Holder = "account" | "organization" | "operator";
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A parameter in words, and what its values are where they are not any text. In a path, any text may name nothing. */
export interface ParameterWords {
  description: string;
  schema?: object;
  example?: string;
}

/** A request's body: the schema by which it is validated, and requests that the server takes as they stand here. */
export interface DocumentedBody {
  schema: TSchema;
  examples: readonly { summary: string; value: unknown }[];
  /** False where a request may come without. */
  required?: false;
}

/** That of a request with nothing to set. */
export const NO_BODY: DocumentedBody = {
  schema: NoFields,
  examples: [{ summary: "Nothing to say", value: {} }],
  required: false,
};

export interface Operation {
  /** Also the anchor in the page. */
  id: string;
  method: Method;
  /** As OpenAPI writes it: `/account/{uuid}`. */
  path: string;
  group: Group;
  summary: string;
  /** Markdown. */
  description: string;
  /** Null where no key is needed, "any" where it may be anybody's, "manager" where an organization's or the operator's. */
  key: Holder | "any" | "manager" | null;
  /** What the path's parameters are. */
  pathParameters?: Record<string, ParameterWords>;
  /** The parameters that the route reads; null where it reads none and does not look. */
  query: QueryShape | null;
  /** What they are, by name. */
  words?: Record<string, ParameterWords>;
  headers?: Record<string, ParameterWords>;
  body?: DocumentedBody;
  answer: { description: string; schema: TSchema; example: unknown; type?: string };
  /** Beside those that follow from its key, its query and its body. */
  problems?: readonly ProblemName[];
}

/** Parameters with words for each, so that none can be forgotten. */
export function query<const Shape extends QueryShape>(
  shape: Shape,
  words: { [Name in keyof Shape]: ParameterWords },
): { query: Shape; words: Record<string, ParameterWords> } {
  return { query: shape, words };
}
