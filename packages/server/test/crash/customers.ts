import { type DeliverSm, type Fields, NotSent, SmppClient } from "@messaging-plus/smpp";
import type { Random } from "../support/random.ts";
import type { Sent } from "./load.ts";
import type { Hook } from "./receiver.ts";

export interface CustomersOptions {
  random: Random;
  /** Where customers bind now; null while nobody may. */
  port(): number | null;
  credential: { system_id: string; password: string };
  /** Messages a second. */
  rate: number;
  binds: number;
}

const FIRST_DESTINATION = 447_500_000_000;
const LOOK_MS = 20;
/** Submits of one bind without an answer. */
const WINDOW = 20;
/** Statuses after which the submit may have been stored: it could not be said. */
const UNKNOWN = new Set([0x08, 0x64]);
const AGAIN = 0x64;

/** Customers' software: it binds again whenever it can, submits, and answers one receipt in ten with "later". */
export class CrashCustomers {
  readonly sent: Sent[] = [];
  /** The receipts of each message, in the form of webhooks. */
  readonly hooks = new Map<string, Hook>();
  readonly #options: CustomersOptions;
  #clients: SmppClient[] = [];
  #port: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #submits = true;
  #due = 0;

  constructor(options: CustomersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Submits nothing more, and goes on to take receipts. */
  stop(): void {
    this.#submits = false;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#clients.map((client) => client.close({ timeoutMs: 500 })));
  }

  #look(): void {
    const { port, rate } = this.#options;
    const now = port();
    if (now !== null && now !== this.#port) this.#bindTo(now);
    if (!this.#submits) return;
    this.#due = Math.min(this.#due + (rate * LOOK_MS) / 1_000, rate);
    for (const client of this.#clients) while (this.#due >= 1 && client.free > 0) this.#submit(client);
  }

  /** The program listens at another port after each start. */
  #bindTo(port: number): void {
    this.#port = port;
    for (const client of this.#clients.splice(0)) void client.close({ timeoutMs: 500 });
    const { binds, credential } = this.#options;
    for (let count = 0; count < binds; count++) {
      const client = new SmppClient({
        host: "127.0.0.1",
        port,
        ...credential,
        bind: "transceiver",
        window: WINDOW,
        responseTimeoutMs: 60_000,
        backoff: { failedMs: [100], refusedMs: [500] },
        onDeliver: async (pdu) => this.#took(pdu as DeliverSm),
      });
      client.start();
      this.#clients.push(client);
    }
  }

  #submit(client: SmppClient): void {
    this.#due--;
    const { random } = this.#options;
    const destination = String(FIRST_DESTINATION + this.sent.length);
    const wanted = random.chance(0.95);
    const kind = random.pick({ short: 70, long: 10, flash: 20 });
    const text = Buffer.from(`text ${"x".repeat(kind === "long" ? 400 : 20)}`);
    const body: Fields<"submit_sm"> =
      kind === "long"
        ? { tlvs: { message_payload: text } }
        : { short_message: text, data_coding: kind === "flash" ? 0xf0 : 0 };
    const sent: Sent = {
      path: "submit_sm",
      at: Date.now(),
      destinations: [destination],
      body: kind,
      callback: wanted,
      outcome: "under way",
      status: null,
      messageUuids: [],
      batchUuids: [],
    };
    this.sent.push(sent);
    const common = { source_addr: "Crash", destination_addr: destination, registered_delivery: Number(wanted) };
    client.submit({ ...common, ...body }).then(
      ({ command_status, message_id }) => {
        sent.status = command_status;
        sent.outcome = command_status === 0 ? "accepted" : UNKNOWN.has(command_status) ? "unknown" : "refused";
        if (command_status === 0) sent.messageUuids = [message_id];
      },
      (error: unknown) => {
        sent.outcome = error instanceof NotSent ? "refused" : "unknown";
      },
    );
  }

  #took({ source_addr, tlvs }: DeliverSm): number {
    const { receipted_message_id: id = "", message_state, network_error_code } = tlvs;
    const status = this.#options.random.chance(0.9) ? 0 : AGAIN;
    const now = { at: Date.now(), answered: status === 0 ? 200 : 503 };
    const code = (network_error_code?.error_code ?? 0).toString(16);
    const body = JSON.stringify({
      destination: `+${source_addr}`,
      delivered: message_state === 2,
      receiptInfo: { code },
    });
    const hook = this.hooks.get(id);
    if (hook === undefined) this.hooks.set(id, { body, id, tries: [now], differing: [] });
    else {
      hook.tries.push(now);
      if (hook.body !== body) hook.differing.push(body);
    }
    return status;
  }
}
