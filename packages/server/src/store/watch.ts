import { statfs } from "node:fs/promises";
import type { ClientConfig, Pool, PoolClient } from "pg";
import { Rejected } from "../runtime/errors.ts";
import type { Logger } from "../runtime/log.ts";
import { Poller } from "../runtime/poller.ts";
import { withLimit } from "../runtime/with-limit.ts";
import { createPool } from "./pool.ts";

const LOOK_MS = 1_000;
/** A store that leaves `SELECT 1` unanswered for so long is silent. */
const SILENCE_MS = 5_000;
/** What waits for one that is silent already waits no longer than this, and a second. */
const STILL_SILENT_MS = 2_000;
/** A process that was itself stopped finds the answer in its socket a moment after its timer has run out. */
const GRACE_MS = 100;
/** Seconds. */
const RETRY_SILENT = 1;
const RETRY_FULL = 10;

export interface StoreWatchOptions {
  database: ClientConfig;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  log: Logger;
  /** What waits here for a store that is silent waits no longer: its connections are cut. */
  pool: Pool;
  /** Where its data is; null where it is another's, and its disk cannot be seen. */
  folder: string | null;
  /** With fewer bytes free nothing more is accepted. */
  minFreeBytes: number;
  /** Bytes free on the disk of a folder; the system's answer unless another is given. */
  freeBytes?: (folder: string) => Promise<number>;
}

/**
 * Asks the store every second, over a connection of its own, whether it answers, and looks how much room it has. A store
 * that refuses says so to everyone who asks; only one that is silent must be found out, or every request would wait for
 * it as long as a statement may take.
 */
export class StoreWatch {
  readonly #options: StoreWatchOptions;
  readonly #own: Pool;
  readonly #inUse = new Set<PoolClient>();
  readonly #poller: Poller;
  #silent = false;
  #full = false;
  /** Bytes, as they were a second ago; null where nobody can tell. */
  freeBytes: number | null = null;
  /** When the store was last out of reach, epoch milliseconds. */
  lastOutageAt = 0;

  constructor(options: StoreWatchOptions) {
    const { database, applicationName, log } = options;
    this.#options = options;
    this.#own = createPool(database, { max: 1, applicationName });
    for (const pool of [this.#own, options.pool]) {
      pool.on("acquire", (client) => this.#inUse.add(client));
      pool.on("release", (_error, client) => this.#inUse.delete(client));
    }
    this.#poller = new Poller("the look at the store", LOOK_MS, log, () => this.#look());
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.#look();
    this.#poller.start();
  }

  async stop(): Promise<void> {
    for (const client of this.#inUse) void client.end();
    await this.#poller.stop();
    await this.#own.end();
  }

  /** Whether there is so little room that nothing more is to be accepted. */
  get full(): boolean {
    return this.#full;
  }

  /** @throws Rejected `store-unavailable` where a request would wait for a store that does not answer */
  mustAnswer(): void {
    if (this.#silent) throw new Rejected("store-unavailable", "The store does not answer.", [], RETRY_SILENT);
  }

  /** @throws Rejected `store-unavailable` also where there is no room for more */
  mustTake(): void {
    this.mustAnswer();
    if (this.#full) throw new Rejected("store-unavailable", "The store's disk is nearly full.", [], RETRY_FULL);
  }

  async #look(): Promise<boolean> {
    await Promise.all([this.#ask(), this.#measure()]);
    return false;
  }

  async #ask(): Promise<void> {
    const answer = this.#own.query("SELECT 1").then(
      () => "answered",
      () => "refused",
    );
    const heard =
      (await withLimit(answer, this.#silent ? STILL_SILENT_MS : SILENCE_MS)) ?? (await withLimit(answer, GRACE_MS));
    if (heard !== "answered") this.lastOutageAt = Date.now();
    const silent = heard === undefined;
    if (silent !== this.#silent) {
      this.#options.log.warn(silent ? "the store does not answer: requests get 503" : "the store answers again");
    }
    this.#silent = silent;
    if (silent) for (const client of this.#inUse) void client.end();
  }

  async #measure(): Promise<void> {
    const { log, folder, minFreeBytes, freeBytes = bytesFree } = this.#options;
    if (folder === null) return;
    const free = await freeBytes(folder);
    const full = free < minFreeBytes;
    this.freeBytes = free;
    if (full && !this.#full) log.error({ free, minFreeBytes }, "the store's disk is nearly full: requests get 503");
    if (!full && this.#full) log.info({ free }, "the store's disk has room again");
    this.#full = full;
  }
}

/** What an ordinary user may still write. */
async function bytesFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
