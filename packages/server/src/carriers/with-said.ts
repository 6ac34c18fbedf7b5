import type { PartSaid, Submission } from "./carrier.ts";

/**
 * The result of a message that goes in one request, with the carrier's answer.
 * @param status the carrier's name of the status of a refusal
 */
export function withSaid(submission: Submission, ms: number, status: string | null): Submission {
  const said = (answer: PartSaid["answer"], more: Partial<PartSaid> = {}): PartSaid => {
    return { part: 0, ms, answer, id: null, status: null, ...more };
  };
  switch (submission.kind) {
    case "submitted":
      return { ...submission, said: submission.ids.map((id, part) => said("taken", { id, part })) };
    case "uncertain":
      return { ...submission, said: [said("uncertain")] };
    default:
      return { ...submission, said: [said("refused", { status })] };
  }
}
