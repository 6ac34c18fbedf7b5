import { Ajv2020, type AnySchema, type ValidateFunction } from "ajv/dist/2020.js";
import { openApiDocument } from "../../src/reference/document.ts";

export type Json = Record<string, unknown>;

interface Content {
  schema: Json;
  example?: unknown;
  examples?: Record<string, { summary?: string; value: unknown; $ref?: string }>;
}

export interface DocumentedOperation {
  operationId: string;
  security: Record<string, []>[];
  parameters?: { name: string; in: "path" | "query" | "header"; schema: Json; required?: boolean; example?: unknown }[];
  requestBody?: { required: boolean; content: Record<string, Content> };
  responses: Record<string, { description: string; content?: Record<string, Content> }>;
}

export interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, DocumentedOperation>>;
  webhooks: Record<string, { post: DocumentedOperation }>;
  components: {
    schemas: Record<string, Json>;
    securitySchemes: Record<string, Json>;
    examples: Record<string, { summary: string; description: string; value: Json }>;
  };
}

/** The document as it is served: what JSON makes of it. */
export const document = JSON.parse(JSON.stringify(openApiDocument())) as OpenApi;

/** Every operation with its method and path. */
export const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);

/** JSON Schema's words for formats say nothing to this validator: patterns do. */
const open = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).addSchema(document, "open");
const closed = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).addSchema(
  withoutMore(document) as AnySchema,
  "closed",
);

const compiled = new WeakMap<Json, ValidateFunction>();

/** Checks against a schema of the document. */
export function validator(schema: Json): ValidateFunction {
  const known = compiled.get(schema) ?? open.compile(absolute(schema, "open") as AnySchema);
  compiled.set(schema, known);
  return known;
}

/** The same, but a field that the schema does not name is an error: what is answered must be in the reference. */
export function strictValidator(schema: Json): ValidateFunction {
  return closed.compile(absolute(withoutMore(schema), "closed") as AnySchema);
}

function absolute(node: unknown, base: string): unknown {
  return mapped(node, (inner) => (typeof inner.$ref === "string" ? { ...inner, $ref: `${base}${inner.$ref}` } : inner));
}

function withoutMore(node: unknown): unknown {
  return mapped(node, (inner) =>
    inner.type === "object" && typeof inner.properties === "object" ? { ...inner, additionalProperties: false } : inner,
  );
}

function mapped(node: unknown, change: (node: Json) => Json): unknown {
  if (Array.isArray(node)) return node.map((inner) => mapped(inner, change));
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).map(([name, inner]) => [name, mapped(inner, change)]);
  return change(Object.fromEntries(entries) as Json);
}
