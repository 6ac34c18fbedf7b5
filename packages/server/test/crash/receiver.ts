import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../support/random.ts";

/** All requests of one webhook. */
export interface Hook {
  /** The first body; every other one must be the same. */
  body: string;
  /** The `webhook-id` that came with the first. */
  id: string;
  /** Times at which it came in, and how it was answered. */
  tries: { at: number; answered: number | "reset" }[];
  /** Bodies and ids that differ from the first. */
  differing: string[];
}

/** A customer's receiver that fails one request in ten, each in its own way. */
export class CrashReceiver {
  /** By `messageuuid`. */
  readonly hooks = new Map<string, Hook>();
  requests = 0;
  /** It takes nothing for now. */
  isDown = false;
  /** Requests whose body never came whole, or whose sender left before the answer. */
  cut = 0;
  readonly #random: Random;
  readonly #server = createServer((request, response) => {
    text(request).then(
      (body) => void this.#after(response, () => this.#took(request, body, response)),
      () => {
        this.cut++;
        response.destroy();
      },
    );
  });
  readonly #slowestMs: number;

  /** @param slowestMs how long an answer takes at most */
  constructor(random: Random, slowestMs = 0) {
    this.#random = random;
    this.#slowestMs = slowestMs;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #after(response: ServerResponse, answer: () => void): Promise<void> {
    if (this.#slowestMs > 0) await sleep(this.#random.between(0, this.#slowestMs));
    if (response.closed) this.cut++;
    else answer();
  }

  #took(request: IncomingMessage, body: string, response: ServerResponse): void {
    this.requests++;
    const answered = this.isDown ? 503 : this.#random.chance(0.9) ? 200 : this.#fault();
    const id = String(request.headers["webhook-id"]);
    const uuid = (JSON.parse(body) as { messageuuid: string }).messageuuid;
    const hook = this.hooks.get(uuid);
    const now = { at: Date.now(), answered };
    if (hook === undefined) this.hooks.set(uuid, { body, id, tries: [now], differing: [] });
    else {
      hook.tries.push(now);
      if (hook.body !== body) hook.differing.push(body);
      if (hook.id !== id) hook.differing.push(id);
    }
    if (answered === "reset") request.socket.resetAndDestroy();
    else response.writeHead(answered).end();
  }

  #fault(): number | "reset" {
    const kind = this.#random.pick({ "500": 4, "503": 2, "404": 1, "302": 1, reset: 2 });
    return kind === "reset" ? "reset" : Number(kind);
  }
}
