import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import type { Random } from "../support/random.ts";

/** One request and what came of it. */
export interface Sent {
  path: "/message" | "/batch" | "submit_sm";
  at: number;
  /** Every destination is used once in a run: it names its message. */
  destinations: string[];
  body: string;
  callback: boolean;
  /**
   * `accepted`: answered 200. `refused`: answered with another status, or not sent at all. `unknown`: cut off, or
   * answered 503: nothing is promised, and it may have been stored all the same.
   */
  outcome: "under way" | "accepted" | "refused" | "unknown";
  status: number | null;
  /** The identifiers that were answered, in the order of `destinations`. */
  messageUuids: string[];
  /** One per message, or the batch's own. */
  batchUuids: string[];
}

export interface LoadOptions {
  random: Random;
  /** Where the program listens now; null while it does not. */
  url(): string | null;
  key: string;
  callback: string;
  /** Messages a second. */
  rate: number;
  callers: number;
  /** The number before the first that is sent to. */
  before?: number;
}

const SHORT = { from: { type: "custom", value: "Crash" } };
const BEFORE = 447_000_000_000;
const TIMEOUT_MS = 60_000;

/** Callers that send single messages, several at once, long ones and batches, and remember what was answered. */
export class CrashLoad {
  readonly sent: Sent[] = [];
  readonly #options: LoadOptions;
  readonly #agent = new Agent({ keepAlive: true });
  #messages = 0;
  #startedAt = 0;
  #stopped = false;
  #callers: Promise<unknown> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Messages in requests so far. */
  get messages(): number {
    return this.#messages;
  }

  start(): void {
    this.#startedAt = Date.now();
    this.#callers = Promise.all(Array.from({ length: this.#options.callers }, () => this.#call()));
  }

  /** Sends one batch to a program at `url`; resolves once it is answered. */
  async sendBatch(url: string, count: number): Promise<void> {
    const sent = this.#plan("batch", count);
    this.sent.push(sent);
    await this.#send(url, sent);
  }

  /** Sends nothing more; resolves when every request is answered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#callers;
    this.#agent.destroy();
  }

  async #call(): Promise<void> {
    while (!this.#stopped) {
      const ahead = this.#messages - ((Date.now() - this.#startedAt) / 1_000) * this.#options.rate;
      const url = this.#options.url();
      if (ahead > 0 || url === null) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      const sent = this.#next();
      this.sent.push(sent);
      await this.#send(url, sent);
      // What the program was away for is not made up for at once.
      if (ahead < -2 * this.#options.rate) this.#startedAt += 1_000;
    }
  }

  #next(): Sent {
    const { random } = this.#options;
    const kind = random.pick({ single: 70, several: 15, long: 5, batch: 8, large: 1 });
    const count = { single: 1, several: random.between(2, 20), long: 1, batch: random.between(2, 100), large: 1_500 }[
      kind
    ];
    return this.#plan(kind, count);
  }

  #plan(kind: "single" | "several" | "long" | "batch" | "large", count: number): Sent {
    const { random, callback, before = BEFORE } = this.#options;
    const destinations = Array.from({ length: count }, () => String(before + ++this.#messages));
    const withCallback = random.chance(0.95);
    const hook = withCallback ? { callback: `${callback}/${kind}` } : {};
    const batch = kind === "batch" || kind === "large";
    const words = `${destinations[0]} ${kind === "long" ? "long text ".repeat(random.between(20, 40)) : "text"}`;
    const body = batch
      ? { from: "Crash", message: words, destinations, ...hook }
      : { messages: destinations.map((to) => ({ ...SHORT, to, body: `${words} ${to}`, ...hook })) };
    return {
      path: batch ? "/batch" : "/message",
      at: Date.now(),
      destinations,
      body: JSON.stringify(body),
      callback: withCallback,
      outcome: "under way",
      status: null,
      messageUuids: [],
      batchUuids: [],
    };
  }

  async #send(url: string, sent: Sent): Promise<void> {
    try {
      const { status, body } = await this.#post(`${url}${sent.path}?key=${this.#options.key}`, sent.body);
      sent.status = status;
      sent.outcome = status === 200 ? "accepted" : status === 503 ? "unknown" : "refused";
      if (status === 200) note(sent, JSON.parse(body));
    } catch (error) {
      sent.outcome = (error as NodeJS.ErrnoException).code === "ECONNREFUSED" ? "refused" : "unknown";
    }
  }

  #post(url: string, body: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const outgoing = request(url, { method: "POST", agent: this.#agent, headers, timeout: TIMEOUT_MS });
      outgoing.on("error", reject);
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
      outgoing.on("response", (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
      });
      outgoing.end(body);
    });
  }
}

interface Answer {
  identifier?: string;
  messages?: { messageUuid: string; batchUuid: string }[];
}

function note(sent: Sent, { identifier, messages }: Answer): void {
  if (identifier !== undefined) sent.batchUuids = [identifier];
  if (messages === undefined) return;
  sent.messageUuids = messages.map(({ messageUuid }) => messageUuid);
  sent.batchUuids = messages.map(({ batchUuid }) => batchUuid);
}
