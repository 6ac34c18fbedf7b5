import type { Pool } from "pg";
import { messageEvents, messageItem } from "../http/routes/message-answers.ts";
import { isFinal, type MessageState } from "../message/lifecycle.ts";
import { FIRST_TRY, isTraced, messageSpan, ROOT, type Span, traceparent } from "../message/trace.ts";
import type { AttemptOutcome } from "../notify/client/outcome.ts";
import type { TriesTracing, Webhook } from "../notify/webhook.ts";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import type { FinalRow } from "../store/messages/finals.ts";
import { carrierNames, findMessage } from "../store/messages/find-message.ts";
import type { MessageRow } from "../store/messages/message-row.ts";
import type { TraceExport } from "./trace-export.ts";

/** Messages whose stories are to be read; beyond this a message's spans are left out. */
const MOST_WAITING = 1_000;
const EVERYBODY = { accountId: null, organizationId: null };
const ALL = { whose: true, carriers: true };

interface TracingOptions {
  pool: Pool;
  log: Logger;
  traces: TraceExport;
  /** The share of messages that is traced, from 0 to 1. */
  sample: number;
}

/**
 * A message's trace: made of its story once it is final, so that sending costs nothing more and a message that went through
 * several programs has it whole; tries of its webhook follow as they come.
 */
export class Tracing implements TriesTracing {
  readonly #options: TracingOptions;
  readonly #waiting: string[] = [];
  #reading = false;

  constructor(options: TracingOptions) {
    this.#options = options;
  }

  finals(finals: readonly FinalRow[]): void {
    for (const { id, state } of finals) {
      const wanted = isFinal(state as MessageState) && isTraced(id, this.#options.sample);
      if (wanted && this.#waiting.length < MOST_WAITING) this.#waiting.push(id);
    }
    if (!this.#reading && this.#waiting.length > 0) void this.#read();
  }

  addTraceparent({ id, kind, tries }: Webhook, headers: Record<string, string>): void {
    if (kind !== "receipt") return;
    headers.traceparent = traceparent(messageSpan(id, FIRST_TRY + tries), isTraced(id, this.#options.sample));
  }

  attempt({ id, kind, origin, tries }: Webhook, startedAt: number, outcome: AttemptOutcome): void {
    if (kind !== "receipt" || !isTraced(id, this.#options.sample)) return;
    const { result, status, fault, phases } = outcome;
    this.#options.traces.add({
      ...messageSpan(id, FIRST_TRY + tries),
      parentSpanId: messageSpan(id, ROOT).spanId,
      name: "webhook",
      kind: "client",
      start: startedAt,
      end: startedAt + phases.totalMs,
      attributes: {
        "mplus.webhook.attempt": tries + 1,
        "mplus.webhook.origin": origin,
        ...(status === null ? {} : { "http.response.status_code": status }),
      },
      error: result === "delivered" ? null : (fault ?? `answered ${status}`),
    });
  }

  async #read(): Promise<void> {
    const { pool, log, traces } = this.#options;
    this.#reading = true;
    try {
      const names = await carrierNames(pool);
      for (let id = this.#waiting.shift(); id !== undefined; id = this.#waiting.shift()) {
        const row = await findMessage(pool, EVERYBODY, id);
        if (row !== null) for (const span of spansOf(row, names)) traces.add(span);
      }
    } catch (error) {
      log.debug({ err: asError(error) }, "a message's trace was left out");
    } finally {
      this.#reading = false;
    }
  }
}

/** The spans of a final message but its webhook's. They have neither its number nor its text. */
function spansOf(row: MessageRow, carriers: ReadonlyMap<number, string>): Span[] {
  const item = messageItem({ ...row, givenId: null }, ALL);
  const told = messageEvents(row, { carriers, said: null, webhook: null }, ALL) as Told[];
  const [accepted, end] = [timeOf(told[0]), timeOf(told.at(-1))];
  const root: Span = {
    ...messageSpan(row.id, ROOT),
    parentSpanId: null,
    name: "message",
    kind: "internal",
    start: accepted,
    end,
    attributes: {
      "mplus.message": row.id,
      "mplus.account": row.account,
      "mplus.channel": item.channel,
      "mplus.parts": item.parts,
      "mplus.state": item.state,
      ...(item.code === null ? {} : { "mplus.code": item.code }),
    },
    error: item.state === "failed" ? item.description : null,
    events: told.filter(({ kind }) => POINTS.has(kind)).map((event) => ({ name: event.kind, at: timeOf(event) })),
  };
  let submittedAt = accepted;
  const steps = told.flatMap((event, index): Span[] => {
    const { kind, carrier, part, status, state, seconds = 0 } = event;
    const name = SPANS[kind];
    if (name === undefined) return [];
    const at = timeOf(event);
    const start = kind === "receipt" ? submittedAt : at - seconds * 1_000;
    if (kind === "submitted") submittedAt = at;
    return [
      {
        ...messageSpan(row.id, index + 1),
        parentSpanId: root.spanId,
        name,
        kind: "client",
        start,
        end: at,
        attributes: {
          ...(carrier == null ? {} : { "mplus.carrier": carrier }),
          ...(part == null ? {} : { "mplus.part": part }),
          ...(state === undefined ? {} : { "mplus.state": state }),
        },
        error: kind === "refused" ? (status ?? "refused") : null,
      },
    ];
  });
  return [root, ...steps];
}

/** An event as `GET /message/{uuid}` tells it. */
interface Told {
  at: string;
  kind: string;
  carrier?: string | null;
  part?: number | null;
  status?: string | null;
  state?: string;
  seconds?: number;
}

/** Events that take time, with the names of their spans. */
const SPANS: Readonly<Record<string, string>> = { submitted: "submit", refused: "submit", receipt: "receipt" };
/** Those of a moment. */
const POINTS = new Set(["released", "uncertain", "fallback"]);

function timeOf(event: Told | undefined): number {
  return Date.parse(event?.at ?? "");
}
