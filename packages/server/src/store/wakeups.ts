import type pg from "pg";
import { asError } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { StoreClient } from "./client.ts";
import type { Database } from "./database.ts";

/**
 * Messages between the programs on one store: that there are rows that nobody has in memory, that something is to be read
 * anew, and questions and answers with the number of their request. A program hears its own too.
 */
export type Wakeup =
  | "messages"
  | "webhooks"
  | "keys"
  | "secrets"
  | "senders"
  | "optOuts"
  | "smpp"
  | "receivers"
  | "carriers"
  | `${"reload" | "reloaded" | "cancel" | "cancelled" | "binds" | "bound"} ${string}`;

const CHANNEL = "messaging_plus";
const RECONNECT_MS = 1_000;
const CONNECT_MS = 10_000;

/** One notification per batch, never per row: behind it stands a poll. */
export async function wakeOthers(db: Database, wakeup: Wakeup): Promise<void> {
  await db.query({ name: "wake-others", text: "SELECT pg_notify($1, $2)", values: [CHANNEL, wakeup] });
}

/** Listens on a connection of its own, and comes back when that is lost. */
export class Wakeups {
  readonly #config: pg.ClientConfig;
  readonly #log: Logger;
  readonly #onWakeup: (wakeup: Wakeup) => void;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(config: pg.ClientConfig, log: Logger, onWakeup: (wakeup: Wakeup) => void) {
    this.#config = config;
    this.#log = log;
    this.#onWakeup = onWakeup;
  }

  async start(): Promise<void> {
    const client = new StoreClient({
      ...this.#config,
      application_name: "mplus wakeups",
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MS,
    });
    this.#client = client;
    client.on("notification", ({ payload }) => this.#onWakeup(payload as Wakeup));
    client.on("end", () => {
      if (client === this.#client) this.#again();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      this.#log.debug({ err: asError(error) }, "no connection to listen on; tried again in a second");
      // A server that lets in and refuses to LISTEN, as a standby does, keeps the connection open.
      if (client === this.#client) this.#again();
      await client.end().catch(() => {});
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  #again(): void {
    this.#client = undefined;
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.start(), RECONNECT_MS);
  }
}
