/** What a request is refused with: problem details, RFC 9457. */
export interface Problem {
  /** Where its words are, on the server that answered; absent where no answer came. */
  type?: string;
  title: string;
  detail: string;
  status?: number;
  errors?: { path: string; message: string }[];
}

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** Whatever was thrown, as it can be shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { title: "Something went wrong on this page", detail: error instanceof Error ? error.message : String(error) };
}

/** The problem that an answer tells; something between us and the server may have written another. */
export async function problemIn(response: Response): Promise<Problem> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => null);
  if (isProblem(body)) return { ...body, status };
  return { title: `The answer was ${status} ${response.statusText}`.trim(), detail: "It said nothing more.", status };
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "title" in body && "detail" in body;
}
