import type { Api, CallOptions } from "./api.ts";
import type { ReceiptCode } from "./batches.ts";

/** The beginning of an OpenAPI document; the server decides the rest. */
export interface OpenApiDocument {
  openapi: string;
  [field: string]: unknown;
}

/** Requests that need no key. */
export class Server {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The meaning of each receipt code. */
  receiptCodes(options?: CallOptions): Promise<ReceiptCode[]> {
    return this.#api.json({ method: "GET", path: "/dr-responses" }, options);
  }

  /** Rejects with the problem `no-progress` if the server should be restarted. Never retried. */
  live(options?: CallOptions): Promise<{ status: "live" }> {
    return this.#api.json({ method: "GET", path: "/health/live", retry: false }, options);
  }

  /** Rejects with the problem `store-unavailable` if it cannot accept. `warnings` says which carriers are down. Never retried. */
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
