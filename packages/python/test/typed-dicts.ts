import { PATTERNS } from "../../server/src/reference/patterns.ts";
import { document, type Json, operations } from "../../server/test/reference/document.ts";

/** The module `types` of the Python client, made of the schemas by which the server validates and documents. */
interface Schema {
  $ref?: string;
  description?: string;
  type?: string;
  const?: string | boolean;
  enum?: (string | null)[];
  pattern?: string;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  patternProperties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}

const HEAD = `"""The shapes of requests and answers, made from the server's own schemas (test/typed-dicts.ts): not to be edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Time: TypeAlias = str | datetime
"""ISO 8601, as the API has it, or a datetime with a zone."""
`;

/** Words that Python keeps for itself, as far as they are names of fields here. */
const KEYWORDS = ["from"];
const WIDTH = 120;

export function typedDicts(): string {
  const definitions = new Map<string, string>();
  const asked = operations.filter(({ path }) => path !== "/rcs/{carrier}" && !/^\/carriers\/.*\/(r|i)/.test(path));
  const schemas = [
    ...asked.flatMap(({ operation: { requestBody, responses } }) =>
      [requestBody, responses["200"]].flatMap((one) => Object.values(one?.content ?? {})),
    ),
    ...Object.values(document.webhooks).flatMap(({ post }) => Object.values(post.requestBody!.content)),
  ];
  const named = new Set<string>();
  // An answer without a name is text, or any JSON.
  for (const { schema } of schemas) if (isNamed(schema as Schema)) refer(schema as Schema, "", definitions, named);
  return [HEAD, ...definitions.values()].join("\n\n");
}

const isNamed = ({ $ref, anyOf = [] }: Schema): boolean => $ref !== undefined || anyOf.some(isNamed);

/** Python's type of a schema. What it is made of is defined before it. */
function refer(schema: Schema, place: string, definitions: Map<string, string>, named: Set<string>): string {
  const inner = (one: Schema, name: string) => refer(one, name, definitions, named);
  if (schema.$ref !== undefined) {
    const title = schema.$ref.split("/").at(-1) as string;
    const name = title.replace(/\W(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!named.has(name)) {
      named.add(name);
      define(document.components.schemas[title] as Json as Schema, name);
    }
    return name;
  }
  const {
    type,
    const: only,
    enum: several,
    anyOf,
    items,
    properties,
    patternProperties,
    additionalProperties,
  } = schema;
  if (only !== undefined) return `Literal[${literal(only)}]`;
  if (several !== undefined) return `Literal[${several.map((one) => JSON.stringify(one)).join(", ")}]`;
  if (anyOf !== undefined) {
    const all = [...new Set(anyOf.map((one, at) => inner(one, `${place}${at + 1}`)))];
    const literals = all.filter((one) => one.startsWith("Literal[")).map((one) => one.slice(8, -1));
    const others = all.filter((one) => !one.startsWith("Literal["));
    return [...(literals.length === 0 ? [] : [`Literal[${literals.join(", ")}]`]), ...others].join(" | ");
  }
  if (properties !== undefined) {
    define(schema, place);
    return place;
  }
  if (items !== undefined) return `list[${inner(items, place.replace(/s$/, ""))}]`;
  const values = Object.values(patternProperties ?? {})[0] ?? additionalProperties;
  if (type === "object") return `dict[str, ${typeof values === "object" ? inner(values, `${place}Value`) : "Any"}]`;
  if (type === "string") return schema.pattern === PATTERNS.time.pattern ? "Time" : "str";
  return { integer: "int", number: "float", boolean: "bool", null: "None" }[type ?? ""] ?? "Any";

  function define(one: Schema, name: string): void {
    const text = one.properties === undefined ? `${name}: TypeAlias = ${inner(one, name)}\n` : dictionary(one, name);
    definitions.set(name, text);
  }

  function dictionary({ properties: fields = {}, required = [], description }: Schema, name: string): string {
    const rows = Object.entries(fields).map(([field, one]) => {
      const of = inner(one, name + field.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase()));
      return { field, words: one.description, of: required.includes(field) ? of : `NotRequired[${of}]` };
    });
    if (rows.some(({ field }) => KEYWORDS.includes(field) || !/^\w+$/.test(field))) {
      const lines = rows.map(({ field, words, of }) => `${comment(words)}        ${JSON.stringify(field)}: ${of},\n`);
      return `${name} = TypedDict(\n    "${name}",\n    {\n${lines.join("")}    },\n)\n${docstring(description, "")}`;
    }
    const lines = rows.map(({ field, words, of }) => `    ${field}: ${of}\n${docstring(words, "    ")}`);
    return `class ${name}(TypedDict):\n${docstring(description, "    ")}${lines.join("") || "    pass\n"}`;
  }
}

/** As Python writes it. */
function literal(value: string | boolean): string {
  return typeof value === "string" ? JSON.stringify(value) : value ? "True" : "False";
}

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) as string;
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function comment(words: string | undefined): string {
  if (words === undefined) return "";
  return wrapped(words, WIDTH - 10)
    .map((line) => `        # ${line}\n`)
    .join("");
}

function docstring(words: string | undefined, margin: string): string {
  if (words === undefined) return "";
  const text = words.replaceAll("\\", "\\\\").replaceAll('"""', "'''").replace(/"$/, '\\"');
  return `${margin}"""${wrapped(text, WIDTH - 8).join(`\n${margin}`)}"""\n`;
}
