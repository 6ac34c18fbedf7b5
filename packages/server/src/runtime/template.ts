/**
 * Texts with variables in braces, in which an operator writes a carrier's request: `{to}`, or `{credentials.apiKey}`; a
 * number may have bounds, `{validity:60:3600}`. Each value is escaped for its place, so that no text of a customer can be
 * more than a value there.
 */

const VARIABLE = /\{([a-zA-Z]+(?:\.[A-Za-z0-9_-]+)?)(?::(\d{1,9}):(\d{1,9}))?\}/g;

/** The names of its variables. */
export function variablesOf(template: string): string[] {
  return [...template.matchAll(VARIABLE)].map(([, name]) => name as string);
}

/** The escaping of values at one place. */
export type Escape = (value: string) => string;

/** The value of a variable, within its bounds if it has any. */
export type Values = (name: string, within: (value: number) => number) => string;

export function render(template: string, values: Values, escaped: Escape): string {
  return template.replace(VARIABLE, (_, name: string, least?: string, most?: string) => {
    const within = (value: number) => Math.min(Math.max(value, Number(least ?? 0)), Number(most ?? value));
    return escaped(values(name, within));
  });
}

export const inUrl: Escape = encodeURIComponent;
export const asItIs: Escape = (value) => value;
/** Within the quotes of a JSON string (RFC 8259 §7). */
export const inJson: Escape = (value) => JSON.stringify(value).slice(1, -1);
/** In an XML document's text or attributes, without the control characters that XML excludes (XML 1.0 §2.2, §2.4). */
export const inXml: Escape = (value) =>
  value.replace(NO_XML, "").replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
/** In a header's value: printable ASCII unchanged, all else percent-encoded, so that nothing ends the header. */
export const inHeader: Escape = (value) => value.replace(/[^ -~]+/g, (piece) => encodeURIComponent(piece));

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

export type BodyKind = "json" | "form" | "xml" | "text";

/** By a Content-Type; null without one. */
export function bodyKind(contentType: string | undefined): BodyKind | null {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (type === "") return null;
  if (/[/+]json$/.test(type)) return "json";
  if (type === "application/x-www-form-urlencoded") return "form";
  return /[/+]xml$/.test(type) ? "xml" : "text";
}

export const ESCAPES: Readonly<Record<BodyKind, Escape>> = {
  json: inJson,
  form: inUrl,
  xml: inXml,
  text: asItIs,
};
