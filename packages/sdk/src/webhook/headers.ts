/** Header fields of any runtime: a `Headers`, or an object by names, with a list for a repeated field. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Record<string, string | readonly string[] | undefined>;

/** @param name in lower case. Null if it is missing or repeated, or there are no header fields at all. */
export function field(headers: WebhookHeaders | null | undefined, name: string): string | null {
  if (typeof headers !== "object" || headers === null) return null;
  if (typeof headers.get === "function") return headers.get(name);
  const named = Object.entries(headers).filter(([other]) => other.toLowerCase() === name);
  const value = named.length === 1 ? named[0]?.[1] : undefined;
  return typeof value === "string" ? value : null;
}
