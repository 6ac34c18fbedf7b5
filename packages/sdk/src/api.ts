import { textOf } from "./answer.ts";
import { sleep, within } from "./deadline.ts";
import { type FieldFault, NoAnswerError, type ProblemDetails, ProblemError, RequestError } from "./errors.ts";
import { type Page, Paged } from "./paged.ts";
import { retryAfter, waitAfter } from "./retry.ts";

export interface MessagingPlusOptions {
  /** The server's URL: `https://sms.example.com`. Its path, if any, goes before the API's own. */
  baseUrl: string | URL;
  /** An account's, an organization's or the operator's key. It goes into the header `Authorization`, never into a URL. */
  key?: string | undefined;
  /** Deadline of an attempt, to the end of its answer, in milliseconds; default 30,000. */
  timeoutMs?: number | undefined;
  /** How often a failed request is repeated, if that is safe; default 3. */
  retries?: number | undefined;
  /** Replaces the runtime's `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** Options of every call. */
export interface CallOptions {
  /** Aborts the call, also while it waits between attempts: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Options of every list. */
export interface ListOptions extends CallOptions {
  /** Items in a page, 1 to 1,000; default 100. */
  limit?: number | undefined;
  /** The cursor in `next` of a page: the list begins after that page. */
  after?: string | undefined;
}

/** ISO 8601, as the API has it, or a Date. */
export type Time = string | Date;

export type Query = Record<string, string | number | boolean | Date | undefined>;

export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Made by `path`. */
  path: string;
  query?: Query;
  /** To be written as JSON. */
  body?: unknown;
  /** Of POST only: the server does requests with the same key once. */
  idempotencyKey?: string;
  /** False: a refusal is the wanted answer, and is not retried. */
  retry?: false;
}

/** One server, asked with one key. */
export class Api {
  readonly #base: URL;
  readonly #key: string | undefined;
  readonly #timeoutMs: number;
  readonly #retries: number;
  readonly #fetch: typeof fetch;

  constructor({ baseUrl, key, timeoutMs = 30_000, retries = 3, fetch: own }: MessagingPlusOptions) {
    this.#base = new URL(baseUrl);
    // Checked here, because a runtime's own error would quote the key.
    if (key !== undefined && !/^[!-~]*$/.test(key))
      throw new RequestError("the key has characters that a key cannot have");
    this.#key = key;
    this.#timeoutMs = timeoutMs;
    this.#retries = retries;
    // Called without a receiver: Workers and browsers refuse any receiver but the global object.
    this.#fetch = own ?? ((input, init) => fetch(input, init));
  }

  /** @throws ProblemError, NoAnswerError, RequestError, or the signal's reason */
  async json<Answer>(request: ApiRequest, options: CallOptions = {}): Promise<Answer> {
    const text = await this.text(request, options);
    try {
      return JSON.parse(text) as Answer;
    } catch (cause) {
      throw new NoAnswerError(`${this.#base.origin} answered what is not JSON`, { cause });
    }
  }

  /** A list of the API's, `{items, next}`. */
  list<Item>(path: string, options: ListOptions = {}, query: Query = {}): Paged<Item> {
    return this.pages(path, options, query, (page: Page<Item>) => page);
  }

  /** A list whose items are elsewhere in the answer. */
  pages<Answer, Item>(
    path: string,
    { limit = 100, after: begin, signal }: ListOptions,
    query: Query,
    read: (answer: Answer) => Page<Item>,
  ): Paged<Item> {
    const ask = async (after: string | undefined): Promise<Page<Item>> =>
      read(await this.json<Answer>({ method: "GET", path, query: { ...query, limit, after } }, { signal }));
    return new Paged(ask, begin);
  }

  async text(request: ApiRequest, { signal }: CallOptions = {}): Promise<string> {
    const { method, idempotencyKey, retry } = request;
    const repeatable = method === "GET" || method === "PUT" || idempotencyKey !== undefined;
    const retries = retry === false ? 0 : this.#retries;
    // Written once: the server takes another body under the same key for another request.
    const [url, init] = this.#written(request);
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(url, init, signal);
      } catch (error) {
        const waitMs = attempt < retries ? waitAfter(error, repeatable, attempt, Math.random()) : null;
        if (waitMs === null) throw error;
        await sleep(waitMs, signal);
      }
    }
  }

  /**
   * The body as it comes, of an answer that may be of any length: asked for once, and given up by the signal alone.
   * @throws as `json`; what breaks off later errors the stream
   */
  async stream(request: ApiRequest, { signal }: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const [url, init] = this.#written(request);
    const response = await this.#fetch(url, { ...init, signal: signal ?? null }).catch(noAnswer(url, signal));
    if (response.ok && response.body !== null) return response.body;
    throw problemOf(response, await textOf(response).catch(noAnswer(url, signal)));
  }

  #written({ method, path, query = {}, body, idempotencyKey }: ApiRequest): [URL, RequestInit] {
    // In a URL these are not names but steps to another path.
    const way = path
      .slice(1)
      .split("/")
      .find((name) => ["", ".", ".."].includes(name));
    if (way !== undefined) throw new RequestError(`"${way}" is not an identifier`);
    const url = new URL(this.#base);
    url.pathname = url.pathname.replace(/\/$/, "") + path;
    url.search = "";
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value instanceof Date ? value.toISOString() : String(value));
    }
    const headers = new Headers({
      ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    });
    // The API never redirects, and nobody else may get the key. (Workers do not know "error".)
    const init: RequestInit = { method, headers, redirect: "manual" };
    return [url, body === undefined ? init : { ...init, body: JSON.stringify(body) }];
  }

  async #once(url: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<string> {
    const [response, text] = await within(this.#timeoutMs, signal, async (inner): Promise<[Response, string]> => {
      const answered = await this.#fetch(url, { ...init, signal: inner });
      return [answered, await textOf(answered)];
    }).catch(noAnswer(url, signal));
    if (response.ok) return text;
    throw problemOf(response, text);
  }
}

/** The error of a fetch that failed: the signal's reason, or that no answer came. */
function noAnswer(url: URL, signal: AbortSignal | undefined): (cause: unknown) => never {
  return (cause) => {
    signal?.throwIfAborted();
    throw new NoAnswerError(`${url.origin} does not answer: ${reasonOf(cause)}`, { cause });
  };
}

function problemOf(response: Response, text: string): ProblemError {
  return new ProblemError(detailsOf(response, text), retryAfter(response.headers.get("retry-after"), Date.now()));
}

/** A path with the names that stand in it encoded. */
export function path(words: TemplateStringsArray, ...names: string[]): string {
  return words.reduce((made, word, at) => `${made}${encodeURIComponent(names[at - 1] as string)}${word}`);
}

/** The answer's problem details; made from the status if something before the server gave it. */
function detailsOf({ status, statusText }: Response, text: string): ProblemDetails {
  try {
    const { type, title, detail, errors } = JSON.parse(text) as Partial<ProblemDetails>;
    if (typeof type === "string" && typeof detail === "string") {
      return {
        type,
        title: title ?? statusText,
        status,
        detail,
        errors: Array.isArray(errors) ? errors.filter(isFault) : [],
      };
    }
  } catch {
    // No JSON: the status says it below.
  }
  return { type: "about:blank", title: statusText, status, detail: text.slice(0, 200) || statusText || "no words" };
}

/** Other servers write problem details too, with `errors` of another form. */
function isFault(value: Partial<FieldFault> | null): value is FieldFault {
  return typeof value?.path === "string" && typeof value.message === "string";
}

/** Node's fetch says "fetch failed"; its cause has the reason. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const inner = cause as (Error & { code?: string }) | undefined;
  return inner?.message || inner?.code || message;
}
