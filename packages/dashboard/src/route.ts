import { useEffect, useState } from "preact/hooks";

/** Where one is in the page: behind the `#` of the address, as in `#/webhooks?state=exhausted`. */
export interface Route {
  steps: readonly string[];
  query: URLSearchParams;
}

export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  return {
    steps: path
      .split("/")
      .filter((step) => step !== "")
      .map(decoded),
    query: new URLSearchParams(query),
  };
}

/** As it stands where it was not encoded: somebody wrote the address by hand. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** An address in the page; parameters without a value are left out. */
export function hrefOf(steps: readonly string[], query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `#/${steps.map(encodeURIComponent).join("/")}${search === "" ? "" : `?${search}`}`;
}

/** Fields of an address's query, by name; empty where they are not in it. */
export function fieldsOf<Name extends string>(names: readonly Name[], query: URLSearchParams): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, query.get(name) ?? ""])) as Record<Name, string>;
}

export function go(href: string): void {
  location.hash = href;
}

/** Follows the address. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener("hashchange", follow);
    // It may have changed since the page was drawn, when nothing listened yet.
    follow();
    return () => removeEventListener("hashchange", follow);
  }, []);
  return routeOf(hash);
}
