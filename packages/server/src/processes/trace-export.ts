import { hostname } from "node:os";
import { httpClient } from "../carriers/http-client.ts";
import type { Config } from "../config/config.ts";
import type { Span } from "../message/trace.ts";
import { operatorPolicyOf } from "../network/policy.ts";
import { asError } from "../runtime/errors.ts";
import { LastingFault } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";
import { withLimit } from "../runtime/with-limit.ts";

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 10_000;
/** Spans of one POST. */
const MOST_AT_ONCE = 512;
/** Beyond this spans are dropped: nothing waits for a collector. */
const MOST_WAITING = 4_096;
const STOP_MS = 1_000;

/** Numbers of the kinds and of a failed status in OTLP (opentelemetry-proto, trace.proto). */
const KINDS = { internal: 1, server: 2, client: 3 } as const;
const FAILED = 2;

/** Sends spans to a collector by OTLP over HTTP, as JSON (the OpenTelemetry Protocol's specification, "OTLP/HTTP"). */
export class TraceExport {
  readonly #url: string;
  readonly #resource: object;
  readonly #client: ReturnType<typeof httpClient>;
  readonly #fault: LastingFault;
  readonly #onDropped: (spans: number) => void;
  readonly #timer: NodeJS.Timeout;
  #waiting: Span[] = [];
  #posting: Promise<void> | null = null;

  /** @param process the name of this process: api-1, engine */
  constructor(url: string, process: string, config: Config, log: Logger, onDropped: (spans: number) => void) {
    this.#url = `${url}/v1/traces`;
    this.#resource = {
      attributes: attributesOf({ "service.name": "messaging-plus", "service.instance.id": `${hostname()} ${process}` }),
    };
    this.#client = httpClient(operatorPolicyOf(config), TIMEOUT_MS);
    this.#fault = new LastingFault({ log, what: "the collector of tracing.url does not take spans: they are dropped" });
    this.#onDropped = onDropped;
    this.#timer = setInterval(() => this.#post(), INTERVAL_MS).unref();
  }

  add(span: Span): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(span);
    else this.#onDropped(1);
  }

  /** Sends what waits, for a second at most. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const rest = async (): Promise<void> => {
      await this.#posting;
      this.#post();
      await this.#posting;
    };
    await withLimit(rest(), STOP_MS);
    this.#client.close();
    this.#fault.stop();
  }

  #post(): void {
    if (this.#posting !== null || this.#waiting.length === 0) return;
    const spans = this.#waiting.splice(0, MOST_AT_ONCE);
    this.#posting = this.#send(spans)
      .catch((error: unknown) => {
        this.#fault.happened({ err: asError(error) });
        this.#onDropped(spans.length);
      })
      .finally(() => {
        this.#posting = null;
        if (this.#waiting.length >= MOST_AT_ONCE) this.#post();
      });
  }

  async #send(spans: readonly Span[]): Promise<void> {
    const scope = { name: "messaging-plus" };
    const body = { resourceSpans: [{ resource: this.#resource, scopeSpans: [{ scope, spans: spans.map(written) }] }] };
    const { status } = await this.#client.post(this.#url, { "content-type": "application/json" }, JSON.stringify(body));
    if (status < 200 || status > 299) throw new Error(`it answered ${status}`);
    this.#fault.over();
  }
}

function written({
  parentSpanId,
  kind,
  start,
  end,
  attributes,
  error,
  events = [],
  links = [],
  ...span
}: Span): object {
  return {
    ...span,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: attributesOf(attributes),
    events: events.map(({ name, at }) => ({ name, timeUnixNano: nanoseconds(at) })),
    links,
    status: error === null ? {} : { code: FAILED, message: error },
  };
}

function attributesOf(attributes: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(attributes).map(([key, value]) => {
    if (typeof value === "string") return { key, value: { stringValue: value } };
    return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
  });
}

/** 64-bit integers are text in JSON. */
function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * 1_000n);
}
