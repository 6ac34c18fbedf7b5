import { PROBLEM_MEDIA_TYPE, problemType } from "../http/problems.ts";
import { version } from "../runtime/package.ts";
import type { ProblemName } from "../runtime/problems.ts";
import { PROBLEMS } from "../runtime/problems.ts";
import { ANYWHERE, problemsOf } from "./answered-problems.ts";
import { INTRODUCTION } from "./introduction.ts";
import { GROUPS, type Operation, type ParameterWords } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { PROBLEM_WORDS } from "./problems.ts";
import { KEYS, LANGUAGES, type Language, sample } from "./samples.ts";
import { Components, KINDS, ruled, type Schema, UUID } from "./schema.ts";
import { type DocumentedWebhook, HOSTED_HEADERS, WEBHOOK_HEADERS, WEBHOOKS } from "./webhooks.ts";

const JSON_TYPE = "application/json";
const NAMES = Object.keys(PROBLEMS) as ProblemName[];

const PROBLEM = {
  title: "Problem",
  description: "Problem details, RFC 9457.",
  type: "object",
  required: ["type", "title", "status", "detail"],
  properties: {
    type: {
      type: "string",
      format: "uri-reference",
      enum: NAMES.map(problemType),
      description: "The kind of problem: always the same for the same fault. Leads to its words in the reference.",
    },
    title: { type: "string", description: "The kind of problem in a sentence." },
    status: { type: "integer", description: "The answer's status." },
    detail: { type: "string", description: "What is wrong with this request." },
    errors: {
      type: "array",
      description: "The fields at fault, the first 100.",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: {
          path: { type: "string", description: "As in `messages[1].to`; `?limit` for a parameter of the query." },
          message: { type: "string", description: "What is wrong with it." },
        },
      },
    },
  },
};

/** The API as an OpenAPI document, version 3.1.1, made from the schemas by which requests are validated. */
export function openApiDocument(): object {
  const components = new Components();
  components.take(PROBLEM);
  const paths: Record<string, Record<string, object>> = {};
  for (const one of OPERATIONS) {
    paths[one.path] ??= {};
    paths[one.path]![one.method.toLowerCase()] = operation(one, components);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Messaging Plus",
      version,
      summary: "Sends text messages and tells what became of them.",
      description: INTRODUCTION,
      contact: { name: "The Messaging Plus authors" },
      license: { name: "MIT", identifier: "MIT" },
    },
    // Relative to the document's own address, so that a path before it is a path before all of the API's.
    servers: [{ url: ".", description: "The server that this document came from." }],
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: Object.fromEntries(WEBHOOKS.map((one) => [one.id, webhook(one, components)])),
    components: { schemas: components.schemas, securitySchemes: securitySchemes(), examples: problemExamples() },
  };
}

function operation(one: Operation, components: Components): object {
  const { id, group, summary, description, key, query, words = {}, body, answer } = one;
  const { type = JSON_TYPE } = answer;
  const parameters = [
    ...named("path", one.pathParameters, () => UUID),
    ...named("query", words, (name) => KINDS[query?.[name] ?? "text"]),
    ...named("header", one.headers, () => ({ type: "string" })),
  ];
  return {
    operationId: id,
    tags: [group],
    summary,
    description,
    security: holdersOf(key).flatMap((holder) => [{ [`${holder}Key`]: [] }, { [`${holder}Token`]: [] }]),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.required ?? true,
            content: {
              [JSON_TYPE]: {
                schema: components.take(body.schema),
                examples: Object.fromEntries(body.examples.map((example, index) => [`example${index + 1}`, example])),
              },
            },
          },
        }),
    responses: {
      "200": {
        description: answer.description,
        content: { [type]: { schema: components.take(answer.schema), example: answer.example } },
      },
      ...refusals(problemsOf(one)),
      default: refusal(ANYWHERE),
    },
    "x-codeSamples": samples(one),
  };
}

/** The first example in every language, and the further ones for the command line. */
function samples(one: Operation): object[] {
  const [first, ...further] = one.body?.examples ?? [{ summary: "curl", value: undefined }];
  return [
    ...Object.entries(LANGUAGES).map(([name, { lang }]) => ({
      lang,
      label: name,
      source: sample(name as Language, one, first!.value),
    })),
    ...further.map(({ summary, value }) => ({ lang: "Shell", label: summary, source: sample("curl", one, value) })),
  ];
}

function holdersOf(key: Operation["key"]): string[] {
  if (key === "any") return Object.keys(KEYS);
  if (key === "manager") return ["organization", "operator"];
  return key === null ? [] : [key];
}

function named(
  place: "path" | "query" | "header",
  words: Record<string, ParameterWords> = {},
  schemaOf: (name: string) => Schema,
): object[] {
  return Object.entries(words).map(([name, { description, schema, example }]) => ({
    name,
    in: place,
    ...(place === "path" ? { required: true } : {}),
    description,
    schema: schema === undefined ? schemaOf(name) : ruled({ ...schema }),
    ...(example === undefined ? {} : { example: example === "true" ? true : example }),
  }));
}

/** Responses by status. */
function refusals(names: readonly ProblemName[]): Record<string, object> {
  const statuses = [...new Set(names.map((name) => PROBLEMS[name].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => [String(status), refusal(names.filter((name) => PROBLEMS[name].status === status))]),
  );
}

function refusal(names: readonly ProblemName[]): object {
  const headers = Object.assign({}, ...names.map((name) => PROBLEM_WORDS[name].headers)) as Record<string, string>;
  return {
    description: `${names.map((name) => PROBLEMS[name].title).join(". ")}.`,
    ...(Object.keys(headers).length === 0 ? {} : { headers: headersOf(headers) }),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: { $ref: "#/components/schemas/Problem" },
        examples: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/problem-${name}` }])),
      },
    },
  };
}

/** Every kind of problem, with its words. */
function problemExamples(): Record<string, object> {
  return Object.fromEntries(
    NAMES.map((name) => {
      const { words, example } = PROBLEM_WORDS[name];
      const { status, title } = PROBLEMS[name];
      return [`problem-${name}`, { summary: `${status}: ${title}`, description: words, value: example }];
    }),
  );
}

function headersOf(words: Record<string, string>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(words).map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  );
}

function webhook(
  { id, summary, description, schema, example, hostedSignature }: DocumentedWebhook,
  components: Components,
) {
  const headers = hostedSignature === undefined ? WEBHOOK_HEADERS : { ...WEBHOOK_HEADERS, ...HOSTED_HEADERS };
  return {
    post: {
      operationId: `webhook-${id}`,
      summary,
      description,
      security: [],
      parameters: named("header", headers, () => ({ type: "string" })),
      requestBody: { required: true, content: { [JSON_TYPE]: { schema: components.take(schema), example } } },
      responses: {
        "2XX": { description: "Taken. Decided when the headers are in, whatever the body then does." },
        default: { description: "Tried again, also a redirect; after the sixth failed try the webhook is exhausted." },
      },
    },
  };
}

function securitySchemes(): Record<string, object> {
  return Object.fromEntries(
    Object.keys(KEYS).flatMap((holder) => {
      const whose = `${holder === "account" ? "An account's" : holder === "operator" ? "The operator's" : "An organization's"} key`;
      return [
        [`${holder}Key`, { type: "apiKey", in: "query", name: "key", description: `${whose}, in the query.` }],
        [`${holder}Token`, { type: "http", scheme: "bearer", description: `${whose}, as a bearer token.` }],
      ];
    }),
  );
}

/** The document as it is served. */
export const OPENAPI_TEXT = JSON.stringify(openApiDocument());
