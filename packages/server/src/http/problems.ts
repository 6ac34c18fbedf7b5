import type { Rejected } from "../runtime/errors.ts";
import { PROBLEMS, type ProblemName } from "../runtime/problems.ts";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { path: string; message: string }[];
}

/** The URI reference of a kind of problem: resolved against the request's URL, it leads to its words in the reference. */
export function problemType(name: ProblemName): string {
  return `/docs#problem-${name}`;
}

/** The body of a problem answer. */
export function problem(name: ProblemName, detail: string, errors: Rejected["faults"] = []): Problem {
  const { status, title } = PROBLEMS[name];
  const type = problemType(name);
  return { type, title, status, detail, ...(errors.length > 0 ? { errors: [...errors] } : {}) };
}
