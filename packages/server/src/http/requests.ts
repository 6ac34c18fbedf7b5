import { randomBytes } from "node:crypto";
import type { Logger } from "../runtime/log.ts";

/** The header that names a request, in what is asked and in what is answered. */
export const REQUEST_ID = "x-request-id";
/** A caller's own that is kept: short, and of characters that mean nothing to a log or a header. */
const PLAIN = /^[A-Za-z0-9._-]{1,64}$/;
/** Whatever may be a key that was put into the path by mistake. */
const KEY_LIKE = /[0-9a-f]{32}/gi;
/** A carrier's secret, with which the paths for its provider end. */
const CARRIER_SECRET = /^(\/+carriers\/[^/]*\/(?:receipts|inbound)\/).+/i;
/** Lines a minute for answers of one status; a client that is refused all day does not fill the disk. */
const MOST_LINES = 60;
const MINUTE_MS = 60_000;

export interface AnsweredRequest {
  id: string;
  /** Null where it could not be read as HTTP. */
  method: string | null;
  /** The path as the reference has it, `/batch/:uuid`; null where there is none such. */
  route: string | null;
  /** As it came, without the query, which may hold the key. Null as `method`. */
  path: string | null;
  status: number;
  ms: number;
  /** The account's UUID, where its key is known. */
  account: string | undefined;
}

export interface RequestsOptions {
  log: Logger;
  /** `log.requests`: which have a line. */
  lines: "none" | "errors" | "all";
  /** Counts a request by its method and path, and its answer's status. */
  count(route: string, status: string): void;
}

/** Names each request, counts it once it is answered, and tells of it in the log. */
export class Requests {
  readonly #options: RequestsOptions;
  /** Of this process; counting on from it costs less than a random name for each. */
  readonly #prefix = randomBytes(6).toString("hex");
  #next = 0;
  /** Lines since `#minute` began, by status. */
  readonly #told = new Map<number, number>();
  #minute = 0;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** @param given the caller's own, as it came */
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

  /** Requests that were held back and are still to be logged. */
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
