import { randomBytes } from "node:crypto";
import type { Logger } from "../runtime/log.ts";

/** The header that names a request, in requests and in answers. */
export const REQUEST_ID = "x-request-id";
/** A caller's own id is kept if it is short and of characters without a meaning for a log or a header. */
const PLAIN = /^[A-Za-z0-9._-]{1,64}$/;
/** A possible key that was put into the path by mistake. */
const KEY_LIKE = /[0-9a-f]{32}/gi;
/** A carrier's secret at the end of the paths for its provider. */
const CARRIER_SECRET = /^(\/+carriers\/[^/]*\/(?:receipts|inbound)\/).+/i;
/** Lines a minute for answers of one status, so that a client that is refused all day does not fill the disk. */
const MOST_LINES = 60;
const MINUTE_MS = 60_000;

export interface AnsweredRequest {
  id: string;
  /** Null if it was no HTTP. */
  method: string | null;
  /** The path in the reference's form, `/batch/:uuid`; null for an unknown path. */
  route: string | null;
  /** As it came, without the query, which may hold the key. Null as `method`. */
  path: string | null;
  status: number;
  ms: number;
  /** The account's UUID, if its key is known. */
  account: string | undefined;
}

export interface RequestsOptions {
  log: Logger;
  /** `log.requests`: the requests that get a line. */
  lines: "none" | "errors" | "all";
  /** Counts a request by its method and path, and its answer's status. */
  count(route: string, status: string): void;
}

/** Names each request, counts it once it is answered, and logs it. */
export class Requests {
  readonly #options: RequestsOptions;
  /** Of this process; counting on from it is cheaper than a random name for each request. */
  readonly #prefix = randomBytes(6).toString("hex");
  #next = 0;
  /** Lines since `#minute` began, by status. */
  readonly #told = new Map<number, number>();
  #minute = 0;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** @param given the caller's own id, as it came */
  idOf(given: string | string[] | undefined): string {
    if (typeof given === "string" && PLAIN.test(given)) return given;
    return `${this.#prefix}-${(++this.#next).toString(36)}`;
  }

  answered(request: AnsweredRequest): void {
    const { method, route, status } = request;
    const { count, lines } = this.#options;
    count(method === null ? "unreadable" : route === null ? "unknown" : `${method} ${route}`, String(status));
    if (lines === "all" || (lines === "errors" && status >= 400 && this.#mayTell(status))) this.#tell(request);
  }

  /** Logs the requests whose lines were held back. */
  close(): void {
    this.#tellHeldBack();
  }

  #tell({ id, method, path, status, ms, account }: AnsweredRequest): void {
    const level = status >= 500 ? "warn" : "info";
    const shown = path === null ? null : path.replace(CARRIER_SECRET, "$1[…]").replace(KEY_LIKE, "[…]").slice(0, 200);
    this.#options.log[level](
      { request: id, method, path: shown, status, ms: Math.round(ms), account },
      status < 400 ? "request" : "request refused",
    );
  }

  #mayTell(status: number): boolean {
    const now = Date.now();
    if (now - this.#minute > MINUTE_MS) {
      this.#tellHeldBack();
      this.#minute = now;
    }
    const told = (this.#told.get(status) ?? 0) + 1;
    this.#told.set(status, told);
    return told <= MOST_LINES;
  }

  #tellHeldBack(): void {
    for (const [status, told] of this.#told) {
      const times = told - MOST_LINES;
      if (times > 0)
        this.#options.log.info({ status, times }, "further requests were refused, without a line for each");
    }
    this.#told.clear();
  }
}
