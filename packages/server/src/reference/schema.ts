import { FIELD_RULE, type FieldRule } from "../http/field-rules.ts";
import { MAX_LIMIT, type QueryKind } from "../http/query.ts";
import { PATTERNS } from "./patterns.ts";

export type Schema = Record<string, unknown>;

/** What names a thing in a path. What is no UUID names nothing: it is not found, and not refused. */
export const UUID: Schema = { type: "string", format: "uuid" };

/** What the parameters of a query may be. */
export const KINDS: Record<QueryKind, Schema> = {
  flag: { type: "boolean" },
  count: { type: "integer", minimum: 1, maximum: MAX_LIMIT },
  text: { type: "string", minLength: 1 },
  cursor: UUID,
};

/** Keys whose values are schemas, lists of schemas, or schemas by name. */
const INNER = ["items", "anyOf", "properties"];

/** Takes schemas into OpenAPI's components: those with a title stand there once, and are referred to. */
export class Components {
  readonly schemas: Record<string, Schema> = {};

  /** The schema as OpenAPI has it: by reference where it has a title, our own rules as patterns. */
  take(schema: object): Schema {
    const { title, ...rest } = schema as Schema & { title?: string };
    const own = this.#convert(rest);
    if (title === undefined) return own;
    const { description } = own;
    this.schemas[title] ??= own;
    const known = this.schemas[title];
    if (JSON.stringify({ ...known, description: "" }) !== JSON.stringify({ ...own, description: "" })) {
      throw new Error(`two schemas have the title ${title}`);
    }
    const reference = { $ref: `#/components/schemas/${title}` };
    return known.description === description ? reference : { ...reference, description };
  }

  #convert(schema: Schema): Schema {
    const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
      if (!INNER.includes(key)) return [key, value];
      if (Array.isArray(value)) return [key, value.map((inner) => this.take(inner as object))];
      if (key === "items") return [key, this.take(value as object)];
      const named = Object.entries(value as Record<string, object>);
      return [key, Object.fromEntries(named.map(([name, inner]) => [name, this.take(inner)]))];
    });
    return ruled(Object.fromEntries(entries));
  }
}

/** With the pattern in place of our own rule, where it names one. */
export function ruled({ [FIELD_RULE]: rule, ...schema }: Schema): Schema {
  return rule === undefined ? schema : { ...schema, ...PATTERNS[rule as FieldRule] };
}
