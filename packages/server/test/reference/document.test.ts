import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { PROBLEMS } from "../../src/runtime/problems.ts";
import { document, operations, validator } from "./document.ts";

const ROUTES = fileURLToPath(new URL("../../src/http/routes", import.meta.url));
/** Routes that are no part of the API: the dashboard's files, the pages of the documentation, and the way there. */
const PAGES = ["GET /", "GET /dashboard/assets/{file}", "GET /docs/*"];
const ROUTE = /\bapp\.(get|post|put|patch|delete)(?:<[^(]*>)?\(\s*"([^"]+)"/g;

test("is OpenAPI 3.1 by the published schema", async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...document })).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("has every route that there is, and no other: what is missing belongs into src/reference/operations/", () => {
  const sources = readdirSync(ROUTES).filter((name) => !name.endsWith(".test.ts"));
  const routes = sources.flatMap((name) =>
    [...readFileSync(`${ROUTES}/${name}`, "utf8").matchAll(ROUTE)].map(
      ([, method, path]) => `${method!.toUpperCase()} ${path!.replace(/:(\w+)/g, "{$1}")}`,
    ),
  );
  expect(routes.length).toBeGreaterThan(30);
  const documented = operations.map(({ method, path }) => `${method} ${path}`);
  expect([...documented, ...PAGES].sort()).toEqual(routes.sort());
});

test("names every operation once", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(operations)("$method $path", ({ operation }) => {
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  const answers = Object.values(operation.responses).flatMap(({ content = {} }) => Object.values(content));

  test("has examples that its schemas take", () => {
    for (const [, { schema, examples = {} }] of bodies) {
      expect(Object.keys(examples)).not.toEqual([]);
      for (const { value } of Object.values(examples)) expect(faultsOf(schema, value)).toEqual([]);
    }
    for (const { schema, example, examples } of answers) {
      const values = example === undefined ? Object.values(examples ?? {}).map(exampleOf) : [example];
      expect(values).not.toEqual([]);
      for (const value of values) expect(faultsOf(schema, value)).toEqual([]);
    }
  });

  test("names every parameter of its path", () => {
    const named = operation.parameters?.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    const { path } = operations.find((one) => one.operation === operation)!;
    expect(named ?? []).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  });
});

test("has examples of webhooks that their schemas take", () => {
  for (const { post } of Object.values(document.webhooks)) {
    const { schema, example } = post.requestBody!.content["application/json"]!;
    expect(faultsOf(schema, example)).toEqual([]);
  }
});

test("has every kind of problem, with its status and an example, where it is answered", () => {
  const { examples } = document.components;
  expect(Object.keys(examples)).toEqual(Object.keys(PROBLEMS).map((name) => `problem-${name}`));
  for (const [name, { status, title }] of Object.entries(PROBLEMS)) {
    expect(examples[`problem-${name}`]!.value).toMatchObject({ type: `/docs#problem-${name}`, status, title });
  }
  const named = operations.flatMap(({ operation }) =>
    Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.keys(content["application/problem+json"]?.examples ?? {}).map((name) => {
        if (status !== "default") expect(status).toBe(String(PROBLEMS[name as keyof typeof PROBLEMS].status));
        return name;
      }),
    ),
  );
  expect(new Set(named)).toEqual(new Set(Object.keys(PROBLEMS)));
});

function exampleOf({ value, $ref }: { value?: unknown; $ref?: string }): unknown {
  return $ref === undefined ? value : document.components.examples[$ref.split("/").at(-1)!]!.value;
}

function faultsOf(schema: object, value: unknown): unknown[] {
  const check = validator(schema as Record<string, unknown>);
  check(value);
  return check.errors ?? [];
}
