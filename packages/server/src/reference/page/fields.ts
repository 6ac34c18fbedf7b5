import { FIELD_RULE, type FieldRule } from "../../http/field-rules.ts";
import { type Html, html } from "./html.ts";
import { inline } from "./markdown.ts";

interface Schema {
  title?: string;
  description?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  [FIELD_RULE]?: FieldRule;
}

const RULES: Record<FieldRule, string> = {
  msisdn: "phone number",
  sender: "sender ID",
  uuid: "UUID",
  time: "ISO 8601",
  url: "URL",
  text: "text",
};
const FORMATS: Record<string, string> = { uuid: "UUID", "date-time": "time", uri: "URL", "uri-reference": "URL" };
const TYPES: Record<string, string> = { string: "text", integer: "whole number", boolean: "true or false" };

/** The mark of a field, by whether it must be there. */
type Mark = (isRequired: boolean) => Html | null;

const ASKED: Mark = (isRequired) => (isRequired ? html` <span class="required">required</span>` : null);
const ANSWERED: Mark = (isRequired) => (isRequired ? null : html` <span class="sometimes">where it applies</span>`);

/** The fields of a request's body, those of inner objects below them. What was shown once is only named. */
export function askedFields(schema: object): Html {
  return fieldsOf(schema as Schema, ASKED, new Set());
}

/** The same of an answer's. */
export function answeredFields(schema: object): Html {
  return fieldsOf(schema as Schema, ANSWERED, new Set());
}

/** One field or parameter with what it is. */
export function field(
  name: string,
  schema: object,
  description = "",
  mark: Html | null = null,
  inner: Html | null = null,
) {
  return html`<li><div class="name"><code>${name}</code> <span class="type">${typeOf(schema as Schema)}</span>${mark}</div><div class="about">${inline(description)}</div>${inner}</li>`;
}

function fieldsOf(schema: Schema, mark: Mark, shown: Set<string>): Html {
  const { title, properties, items, anyOf } = schema;
  if (properties !== undefined) {
    if (title !== undefined) shown.add(title);
    const rows = Object.entries(properties).map(([name, inner]) => {
      const isRequired = schema.required?.includes(name) ?? false;
      return field(name, inner, inner.description, mark(isRequired), innerOf(inner, mark, shown));
    });
    return html`<ul class="fields">${rows}</ul>`;
  }
  if (items !== undefined) return fieldsOf(items, mark, shown);
  const [first, ...others] = (anyOf ?? []).filter((each) => each.properties !== undefined || each.items !== undefined);
  if (first === undefined) return html``;
  const more = others.map((other) => {
    const label = html`<summary>or <code>${other.title ?? "another"}</code></summary>`;
    return html`<details>${label}${fieldsOf(other, mark, shown)}</details>`;
  });
  return html`${fieldsOf(first, mark, shown)}${more}`;
}

/** What is in a field: nothing where it is no object, or one that stands above. */
function innerOf(schema: Schema, mark: Mark, shown: Set<string>): Html | null {
  const target = schema.items ?? schema;
  if (target.title !== undefined && shown.has(target.title)) return html`<div class="about">As above.</div>`;
  const inner = fieldsOf(target, mark, shown);
  return inner.text === "" ? null : inner;
}

function typeOf(schema: Schema): string {
  const { anyOf, items, minItems, maxItems } = schema;
  if (schema.enum !== undefined) return schema.enum.map(String).join(" | ");
  if (schema.const !== undefined) return String(schema.const);
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(" | ");
  if (items !== undefined)
    return `list of ${items.properties === undefined ? typeOf(items) : "objects"}${between(minItems, maxItems)}`;
  const rule = schema[FIELD_RULE];
  if (rule !== undefined) return RULES[rule];
  if (schema.format !== undefined) return FORMATS[schema.format] ?? "text";
  const { type = "", minimum, maximum, exclusiveMinimum, minLength, maxLength } = schema;
  const name = TYPES[type] ?? type;
  if (type === "string" && maxLength !== undefined)
    return `${name} of ${figure(minLength ?? 0)} to ${figure(maxLength)} characters`;
  if (exclusiveMinimum !== undefined)
    return `${name} above ${exclusiveMinimum}, at most ${figure(maximum ?? Infinity)}`;
  return `${name}${between(minimum, maximum)}`;
}

function between(least: number | undefined, most: number | undefined): string {
  if (least === undefined && most === undefined) return "";
  if (most === undefined) return least === 0 ? "" : `, at least ${figure(least as number)}`;
  return `, ${figure(least ?? 0)} to ${figure(most)}`;
}

function figure(value: number): string {
  return value.toLocaleString("en-GB");
}
