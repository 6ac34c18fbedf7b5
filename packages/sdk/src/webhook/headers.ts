/** Header fields as runtimes have them: a `Headers`, or by names; a list where a field came more than once. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Record<string, string | readonly string[] | undefined>;

/** @param name in lower case. Null where it is not there, or more than once. */
export function field(headers: WebhookHeaders, name: string): string | null {
  if (typeof headers.get === "function") return headers.get(name);
  const named = Object.entries(headers).filter(([other]) => other.toLowerCase() === name);
  const value = named.length === 1 ? named[0]?.[1] : undefined;
  return typeof value === "string" ? value : null;
}
