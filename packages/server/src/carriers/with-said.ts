import type { PartSaid, Submission } from "./carrier.ts";

/**
 * What became of a message that is handed over in one request, with what the carrier's answer was.
 * @param status of a refusal, as the carrier names it
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
