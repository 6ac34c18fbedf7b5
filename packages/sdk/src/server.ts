import type { Api, CallOptions } from "./api.ts";
import type { ReceiptCode } from "./batches.ts";

/** What an OpenAPI document begins with; the rest is as the server has it. */
export interface OpenApiDocument {
  openapi: string;
  [field: string]: unknown;
}

/** What needs no key. */
export class Server {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** What the codes of receipts mean. */
  receiptCodes(options?: CallOptions): Promise<ReceiptCode[]> {
    return this.#api.json({ method: "GET", path: "/dr-responses" }, options);
  }

  /** Rejects with the problem `no-progress` where it is to be started again. Asked once. */
  live(options?: CallOptions): Promise<{ status: "live" }> {
    return this.#api.json({ method: "GET", path: "/health/live", retry: false }, options);
  }

  /** Rejects with the problem `store-unavailable` where it cannot accept. Asked once. Its warnings say that no carrier is up, and why. */
  ready(options?: CallOptions): Promise<{ status: "ready"; warnings: string[] }> {
    return this.#api.json({ method: "GET", path: "/health/ready", retry: false }, options);
  }

  /** In Prometheus' text form. */
  metrics(options?: CallOptions): Promise<string> {
    return this.#api.text({ method: "GET", path: "/metrics" }, options);
  }

  openApi(options?: CallOptions): Promise<OpenApiDocument> {
    return this.#api.json({ method: "GET", path: "/openapi.json" }, options);
  }

  /** The reference as a page, HTML. */
  docs(options?: CallOptions): Promise<string> {
    return this.#api.text({ method: "GET", path: "/docs" }, options);
  }

  /** The dashboard's page, HTML. */
  dashboard(options?: CallOptions): Promise<string> {
    return this.#api.text({ method: "GET", path: "/dashboard" }, options);
  }
}
