import { type Problem, ProblemError, problemIn } from "./problem.ts";

export type Query = Record<string, string | number | undefined>;

interface RequestOptions {
  query?: Query;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const UNREACHED: Problem = {
  title: "The server cannot be reached",
  detail: "No answer came. Is it running, and is this machine connected?",
};

/** The public API of the server that the page came from, for one key. */
export class Api {
  readonly #key: string;
  readonly #onRefused: (problem: Problem) => void;

  /** @param onRefused is told when the key does not work (any more) */
  constructor(key: string, onRefused: (problem: Problem) => void = () => {}) {
    this.#key = key;
    this.#onRefused = onRefused;
  }

  get<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
    return this.request("GET", path, { query, ...(signal === undefined ? {} : { signal }) });
  }

  /** @throws ProblemError where the answer is no success, or none comes; the signal's reason where it was aborted */
  async request<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { query = {}, body, headers = {}, signal = null } = options;
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    const response = await fetch(`${path}${search === "" ? "" : `?${search}`}`, {
      method,
      // The key goes nowhere but here.
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal,
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error instanceof TypeError ? new ProblemError(UNREACHED) : error;
    });
    if (response.ok) return (await response.json()) as Answer;
    const problem = await problemIn(response);
    if (response.status === 401) this.#onRefused(problem);
    throw new ProblemError(problem);
  }
}
