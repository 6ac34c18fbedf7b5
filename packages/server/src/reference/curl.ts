import type { Operation } from "./operation.ts";

/** Where a server listens that was not told otherwise. */
export const ORIGIN = "http://127.0.0.1:8080";

/** What stands in an example for a key. */
export const KEYS = { account: "ACCOUNT_KEY", organization: "ORGANIZATION_KEY", operator: "OPERATOR_KEY" } as const;

/** A request of the operation for the command line; `body` is one of its examples. */
export function curl({ method, path, key, pathParameters = {}, words = {} }: Operation, body?: unknown): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => pathParameters[name]?.example ?? name);
  const asked = method === "GET" ? Object.entries(words) : [];
  const query = [
    ...(key === null ? [] : [`key=${KEYS[key === "any" ? "account" : key === "manager" ? "organization" : key]}`]),
    ...asked.flatMap(([name, { example }]) =>
      example === undefined ? [] : [`${name}=${encodeURIComponent(example)}`],
    ),
  ];
  const url = `${ORIGIN}${filled}${query.length === 0 ? "" : `?${query.join("&")}`}`;
  const implied = body === undefined ? "GET" : "POST";
  const verb = method === implied ? "" : `-X ${method} `;
  const data = body === undefined ? "" : ` -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`;
  return `curl ${verb}'${url}'${data}`;
}
