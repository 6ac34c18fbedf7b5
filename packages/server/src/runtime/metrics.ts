import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/**
 * Sums of prom-client's gauges by type. Their names end as those of counters do, which Prometheus' rules for names forbid.
 */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** The metrics of one process of the program. `process` labels each series: api-1, engine. */
export function createRegistry(process: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  // At 10 ms, the default, looking for lag takes 5.5 ms of CPU time a second from an idle process; at 50 it takes 1.3.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}

/** The metrics of several processes as one text: a family's lines stand together, under one HELP and one TYPE. */
export function mergeMetrics(texts: readonly string[]): string {
  const families = new Map<string, { comments: Set<string>; samples: string[] }>();
  for (const text of texts) {
    let family = { comments: new Set<string>(), samples: [] as string[] };
    for (const line of text.split("\n")) {
      const name = /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1];
      if (name !== undefined) {
        family = families.get(name) ?? { comments: new Set(), samples: [] };
        families.set(name, family);
        family.comments.add(line);
      } else if (line !== "") family.samples.push(line);
    }
  }
  const blocks = [...families.values()].map(({ comments, samples }) => [...comments, ...samples].join("\n"));
  return `${blocks.join("\n")}\n`;
}

/** The counters of the stages behind accept. */
export interface EngineMetrics {
  receipt(carrier: string, state: string): void;
  final(state: number): void;
  attempt(result: "delivered" | "failed" | "exhausted", totalMs: number): void;
  /** The proxy that webhooks go through was found at fault. */
  proxyFault(): void;
  uncertain(): void;
  setAside(): void;
  unmatched(): void;
  /** Counts a receipt or a text of this carrier of which octets were left out. */
  dropped(carrier: string): void;
  lostReceipts(count: number): void;
  inbound(outcome: string): void;
  takenOver(rows: { messages: number; webhooks: number }): void;
  /** Sets the number of accepted messages in unreadable bundles. */
  unreadable(messages: number): void;
  /** Sets the time since which the oldest row waits at each stage, in epoch milliseconds. */
  oldestWaiting(since: Readonly<Record<string, number | null>>): void;
  /** Sets the number of waiting rows at each stage, and of endpoints in each state but `ok`. */
  waiting(counts: { stages: Readonly<Record<string, number>>; endpoints: Readonly<Record<string, number>> }): void;
}

/** Values that are read with each request for metrics. */
export interface Readings {
  buffered(): { messages: number; webhooks: number };
  /** Bytes; null if unknown. */
  freeBytes(): number | null;
  /** When the oldest commit that waits for a synchronous standby began to wait, epoch milliseconds; null without one. */
  awaitingStandbySince(): number | null;
}

/**
 * A counter of events of every message: plain maps that are handed to prom-client when the metrics are read. Its own look-up
 * by labels takes most of a microsecond, three times a message.
 */
export class Tallies {
  readonly #counts = new Map<string, Map<string, number>>();

  /**
   * @param labels one or two
   * @param known values of the first label that are shown from the beginning: what is first seen at 1 has not increased
   */
  constructor(
    name: string,
    help: string,
    registers: Registry[],
    labels: readonly [string, string?],
    known: readonly string[] = [],
  ) {
    const counts = this.#counts;
    for (const value of known) counts.set(value, new Map([["", 0]]));
    const [outer, inner] = labels;
    new Counter({
      name,
      help,
      labelNames: labels.filter((label) => label !== undefined),
      registers,
      collect() {
        for (const [first, tallies] of counts) {
          for (const [second, count] of tallies) {
            this.inc({ [outer]: first, ...(inner === undefined ? {} : { [inner]: second }) }, count);
          }
        }
        counts.clear();
      },
    });
  }

  add(first: string, second = ""): void {
    let tallies = this.#counts.get(first);
    if (tallies === undefined) {
      tallies = new Map();
      this.#counts.set(first, tallies);
    }
    tallies.set(second, (tallies.get(second) ?? 0) + 1);
  }
}

/** Counts spans that no collector got. */
export function droppedSpans(registry: Registry): (spans: number) => void {
  const help = "Spans of traces that were dropped, because the collector did not take them or too many waited";
  const dropped = new Counter({ name: "mplus_spans_dropped_total", help, registers: [registry] });
  return (spans) => dropped.inc(spans);
}

/** The metrics of an accepting process. */
export function acceptMetrics(registry: Registry): {
  requests(route: string, status: string): void;
  accepted(messages: number): void;
} {
  const registers = [registry];
  const labels = ["route", "status"] as const;
  const requests = new Tallies(
    "mplus_http_requests_total",
    "Requests answered, by route and status",
    registers,
    labels,
  );
  const accepted = new Counter({ name: "mplus_messages_accepted_total", help: "Messages accepted", registers });
  return { requests: (route, status) => requests.add(route, status), accepted: (messages) => accepted.inc(messages) };
}

export function engineMetrics(
  registry: Registry,
  { buffered, freeBytes, awaitingStandbySince }: Readings,
): EngineMetrics {
  const registers = [registry];
  const receipts = new Tallies("mplus_receipts_total", "Receipts of carriers, by the state that they name", registers, [
    "carrier",
    "state",
  ]);
  const counted = (name: string, help: string, label: string, values: string[]) =>
    new Tallies(name, help, registers, [label], values);
  const finals = counted("mplus_messages_final_total", "Messages that became final", "state", ["delivered", "failed"]);
  const attempts = counted("mplus_webhook_attempts_total", "Tries of webhooks, by result", "result", [
    "delivered",
    "failed",
    "exhausted",
  ]);
  const seconds = new Histogram({
    name: "mplus_webhook_attempt_seconds",
    help: "How long a try of a webhook took",
    buckets: [0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const proxyFaults = counter("mplus_webhook_proxy_faults_total", "Webhooks held back because callbacks.proxy failed");
  const uncertain = counter("mplus_submits_uncertain_total", "Submits whose answer never came");
  const setAside = counter("mplus_messages_set_aside_total", "Messages whose outcome the store refuses to hold");
  const unmatched = counter("mplus_receipts_unmatched_total", "Receipts whose message was not known when they came");
  const dropped = new Counter({
    name: "mplus_tlvs_dropped_total",
    help: "Receipts and texts of carriers that were used without those of their TLVs that are not whole",
    labelNames: ["carrier"],
    registers,
  });
  const lost = counter("mplus_receipts_lost_total", "Messages failed because no receipt came in time");
  const inbound = new Counter({
    name: "mplus_inbound_total",
    help: "Messages from handsets, by what became of them",
    labelNames: ["outcome"],
    registers,
  });
  const takenOver = new Counter({
    name: "mplus_leases_taken_over_total",
    help: "Rows taken over from dead nodes",
    labelNames: ["kind"],
    registers,
  });
  for (const kind of ["messages", "webhooks"]) takenOver.inc({ kind }, 0);
  const unreadable = new Gauge({
    name: "mplus_messages_unreadable",
    help: "Accepted messages that are set aside because they cannot be read, of all programs on the store",
    registers,
  });
  new Gauge({
    name: "mplus_buffered",
    help: "Rows in memory, by kind",
    labelNames: ["kind"],
    registers,
    collect() {
      const { messages, webhooks } = buffered();
      this.set({ kind: "messages" }, messages);
      this.set({ kind: "webhooks" }, webhooks);
    },
  });
  const gauge = (name: string, help: string, label: string) =>
    new Gauge({ name, help, labelNames: [label], registers });
  const waiting = gauge(
    "mplus_waiting",
    "What waits at a stage, of all programs on the store; at most 100,000 are counted",
    "stage",
  );
  const endpoints = gauge("mplus_endpoints", "Endpoints that fail, of all programs on the store", "state");
  let waitingSince: Readonly<Record<string, number | null>> = {};
  new Gauge({
    name: "mplus_oldest_waiting_seconds",
    help: "How long the oldest row of a stage has been waiting, of all programs on the store; 0 where none waits",
    labelNames: ["stage"],
    registers,
    collect() {
      const now = Date.now();
      for (const [stage, since] of Object.entries(waitingSince)) {
        this.set({ stage }, since === null ? 0 : Math.max(0, now - since) / 1_000);
      }
    },
  });
  new Gauge({
    name: "mplus_commits_held_seconds",
    help: "How long the oldest commit has been waiting for a synchronous standby; 0 where none waits",
    registers,
    collect() {
      const since = awaitingStandbySince();
      this.set(since === null ? 0 : (Date.now() - since) / 1_000);
    },
  });
  new Gauge({
    name: "mplus_database_free_bytes",
    help: "Bytes free on the disk of the embedded database; NaN where the database is another's",
    registers,
    collect() {
      this.set(freeBytes() ?? Number.NaN);
    },
  });
  return {
    oldestWaiting: (since) => {
      waitingSince = since;
    },
    waiting: ({ stages, endpoints: states }) => {
      for (const [stage, count] of Object.entries(stages)) waiting.set({ stage }, count);
      for (const [state, count] of Object.entries(states)) endpoints.set({ state }, count);
    },
    receipt: (carrier, state) => receipts.add(carrier, state),
    final: (state) => finals.add(state === 2 ? "delivered" : "failed"),
    attempt: (result, totalMs) => {
      attempts.add(result);
      seconds.observe(totalMs / 1_000);
    },
    proxyFault: () => proxyFaults.inc(),
    uncertain: () => uncertain.inc(),
    setAside: () => setAside.inc(),
    unmatched: () => unmatched.inc(),
    dropped: (carrier) => dropped.inc({ carrier }),
    lostReceipts: (count) => lost.inc(count),
    inbound: (outcome) => inbound.inc({ outcome }),
    unreadable: (messages) => unreadable.set(messages),
    takenOver: ({ messages, webhooks }) => {
      takenOver.inc({ kind: "messages" }, messages);
      takenOver.inc({ kind: "webhooks" }, webhooks);
    },
  };
}
