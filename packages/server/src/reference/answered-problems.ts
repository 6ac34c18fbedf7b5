import type { ProblemName } from "../runtime/problems.ts";
import type { Operation } from "./operation.ts";

/** What any request may be answered with, whatever it asks for. */
export const ANYWHERE = [
  "malformed-request",
  "method-not-allowed",
  "request-timeout",
  "expectation-failed",
  "headers-too-large",
  "internal-error",
  "unsupported-transfer-coding",
] as const satisfies readonly ProblemName[];

const OF_KEY = ["invalid-key", "invalid-token"] as const;
const OF_BODY = ["malformed-body", "unsupported-media-type", "unsupported-content-coding", "body-too-large"] as const;

/** The problems that an operation may be answered with, beside those of any. */
export function problemsOf({ method, key, pathParameters = {}, query, body, problems = [] }: Operation): ProblemName[] {
  const names: ProblemName[] = [
    ...(query === null ? [] : ["invalid-request" as const]),
    ...(key === null ? [] : OF_KEY),
    // Neither a scope nor a limit has the operator's key.
    ...(key === null || key === "operator" || method === "GET" ? [] : ["insufficient-scope" as const]),
    ...(key === null || key === "operator" ? [] : ["too-many-requests" as const]),
    ...(body === undefined ? [] : OF_BODY),
    ...(body === undefined || key === null || key === "operator" ? [] : ["overloaded" as const]),
    ...(Object.values(pathParameters).some(({ schema }) => schema === undefined) ? ["not-found" as const] : []),
    ...(key === null ? [] : ["store-unavailable" as const]),
    ...problems,
  ];
  return [...new Set(names)];
}
