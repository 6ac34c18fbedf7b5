import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../support/random.ts";
import type { Link, Submit } from "./smsc.ts";

const AGAIN_MS = 200;
const TIMEOUT_MS = 20_000;

/**
 * A provider with an HTTP API on an ordinary day: it answers late, refuses some, posts receipts late, twice, in any order and
 * before the submit's answer, and posts them again until the answer is 200.
 */
export class CrashProvider {
  received = 0;
  readonly #random: Random;
  readonly #submits: Map<string, Submit[]>;
  readonly #program: () => string | null;
  readonly #server = createServer((request, response) => {
    // A program that is killed leaves requests half sent.
    this.#submitted(request, response).catch(() => response.destroy());
  });
  readonly #links = new WeakMap<Socket, Link>();
  #owed = 0;
  #closed = false;

  /**
   * @param submits takes the submits by destination, in their order
   * @param program where the program listens now; null while it does not
   */
  constructor(random: Random, submits: Map<string, Submit[]>, program: () => string | null) {
    this.#random = random;
    this.#submits = submits;
    this.#program = program;
    this.#server.on("connection", (socket) => {
      const link: Link = { openedAt: Date.now(), closedAt: null };
      this.#links.set(socket, link);
      socket.on("close", () => {
        link.closedAt = Date.now();
      });
    });
  }

  /** Resolves with the carrier's configuration. */
  async listen(): Promise<Record<string, unknown>> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return {
      id: "provider",
      type: "http",
      submit: { url: `http://127.0.0.1:${port}/sms`, body: { to: "{to}", text: "{text}" } },
      accepted: { status: 202, id: "/id", error: "/error" },
      errors: { bad_number: "43" },
      receipts: { id: "/id", state: "/state" },
      responseTimeout: 60,
    };
  }

  /** Receipts that nobody has acknowledged yet. */
  get outstanding(): number {
    return this.#owed;
  }

  close(): Promise<void> {
    this.#closed = true;
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #submitted(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { to: destination } = JSON.parse(await text(request)) as { to: string };
    const random = this.#random;
    const outcome = random.pick({ delivered: 890, failed: 90, refused: 18, throttled: 2 });
    const id = `h${(++this.received).toString(16)}`;
    const link = this.#links.get(request.socket) as Link;
    const submit: Submit = { id, destination, part: 1, whole: true, at: Date.now(), answeredAt: null, link, outcome };
    const known = this.#submits.get(destination);
    if (known === undefined) this.#submits.set(destination, [submit]);
    else known.push(submit);
    if (outcome === "delivered" || outcome === "failed") {
      const last = this.#owe(submit, random.chance(0.3) ? 0 : random.between(1, 1_500));
      if (random.chance(0.1)) await Promise.race([last, sleep(2_000)]);
      if (random.chance(0.05)) void this.#owe(submit, random.between(0, 2_000));
    }
    await sleep(random.chance(0.5) ? 0 : random.between(1, 30));
    submit.answeredAt = Date.now();
    const answers = { refused: [400, { error: "bad_number" }], throttled: [429, {}] } as const;
    const [status, body] = outcome === "refused" || outcome === "throttled" ? answers[outcome] : [202, { id }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  /** Resolves once the receipt is acknowledged. */
  async #owe({ id, outcome }: Submit, afterMs: number): Promise<void> {
    this.#owed++;
    await sleep(afterMs);
    while (!this.#closed && !(await this.#post({ id, state: outcome }))) await sleep(AGAIN_MS);
    this.#owed--;
  }

  async #post(receipt: object): Promise<boolean> {
    const url = this.#program();
    if (url === null) return false;
    const answer = await fetch(`${url}/carriers/provider/receipts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(receipt),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    await answer?.arrayBuffer().catch(() => {});
    return answer?.status === 200;
  }
}
