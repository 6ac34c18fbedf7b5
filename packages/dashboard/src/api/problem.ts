import { NoAnswerError, type ProblemDetails, ProblemError } from "@messaging-plus/sdk";

/** Why something could not be done: what the server answered, or what is to be said where it did not. */
export type Problem = Pick<ProblemDetails, "title" | "detail" | "errors"> & Partial<ProblemDetails>;

/** Whatever was thrown, as it can be shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof NoAnswerError) return { title: "No answer came", detail: `${detail}.` };
  return { title: "The request failed", detail: `${detail}.` };
}
