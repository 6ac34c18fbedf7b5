import { TextDecoder } from "node:util";
import { bodyKind } from "./template.ts";

/**
 * Values of a message over HTTP, whatever its form. A place that begins with a slash is a JSON pointer (RFC 6901), in which
 * `*` stands for every entry of a list; any other is the name of a field of a form or a query, or of the JSON object
 * itself.
 */
export interface Fields {
  /** The first value; null if there is none, or it is no scalar. */
  first(place: string): string | null;
  /** Every value, in order; null for one that is no scalar. */
  all(place: string): (string | null)[];
  /** The entries of a list (an object alone is a list of one), each to be read by itself. */
  each(place: string): Fields[];
  /** All of it, as JSON or as the form that it is. */
  text(): string;
}

/** The fields of a body: JSON, a form, or neither, by its type if that says so. Never throws. */
export function readFields(body: string, contentType?: string): Fields {
  const kind = bodyKind(contentType);
  if (kind === "json" || (kind !== "form" && /^\s*[[{]/.test(body))) {
    try {
      return jsonFields(JSON.parse(body));
    } catch {
      return jsonFields(null);
    }
  }
  return formFields(kind === "form" || kind === null || body.includes("=") ? body : "");
}

/** @param special reads a field in another way; null for one that is read as usual */
export function formFields(form: string, special: (place: string) => string | null = () => null): Fields {
  const parsed = new URLSearchParams(form);
  const fields: Fields = {
    first: (place) => special(place) ?? parsed.get(place),
    all: (place) => parsed.getAll(place),
    each: () => [fields],
    text: () => form,
  };
  return fields;
}

/**
 * A form's field whose octets are not UTF-8.
 * @param charset a label of the WHATWG Encoding Standard, as `UTF-16BE`; of any other the octets are read as UTF-8
 */
export function fieldIn(form: string, name: string, charset: string): string | null {
  const pair = form.split("&").find((one) => new URLSearchParams(one).has(name));
  if (pair === undefined) return null;
  const [, value = ""] = /=(.*)/s.exec(pair) ?? [];
  const octets = value
    .replaceAll("+", " ")
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return decoder(charset).decode(Buffer.from(octets, "latin1"));
}

function decoder(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

export function jsonFields(value: unknown): Fields {
  const at = (place: string): unknown[] => (place.startsWith("/") ? resolve(value, stepsOf(place)) : own(value, place));
  return {
    first: (place) => scalar(at(place)[0]),
    all: (place) => at(place).map(scalar),
    each: (place) => at(place).flatMap((found) => (Array.isArray(found) ? found : [found]).map(jsonFields)),
    text: () => JSON.stringify(value),
  };
}

/** Whether every place has one of its values; if a place stands for several, each of them must. */
export function holds(fields: Fields, when: Readonly<Record<string, string | string[]>>): boolean {
  return Object.entries(when).every(([place, values]) => {
    const found = fields.all(place);
    return found.length > 0 && found.every((value) => value !== null && [values].flat().includes(value));
  });
}

function stepsOf(pointer: string): string[] {
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function resolve(value: unknown, steps: readonly string[]): unknown[] {
  let found = [value];
  for (const step of steps) {
    found = found.flatMap((node) => (step === "*" && Array.isArray(node) ? node : own(node, step)));
  }
  return found;
}

function own(node: unknown, name: string): unknown[] {
  if (typeof node !== "object" || node === null || !Object.hasOwn(node, name)) return [];
  return [(node as Record<string, unknown>)[name]];
}

function scalar(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}
