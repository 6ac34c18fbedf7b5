import { statfs } from "node:fs/promises";
import type { ClientConfig, Pool, PoolClient } from "pg";
import { Rejected } from "../runtime/errors.ts";
import { LastingFault } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";
import { outagesOf } from "../runtime/outages.ts";
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
/** A commit that waits for a synchronous standby for so long is held. */
const HELD_MS = 5_000;
export const COMMITS_HELD = "Commits wait for a synchronous standby that is away";
/** Seconds. */
const RETRY_SILENT = 1;
const RETRY_FULL = 10;

/**
 * Transactions of programs on this database that are committed at this server and wait for a synchronous standby
 * (PostgreSQL's documentation, §26.2.8 and table 27.12); no timeout of the server's ends that wait. Those of other roles
 * are not seen.
 */
const AWAITING_STANDBY = `
SELECT pid, extract(epoch FROM query_start)::text AS began FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND datname = current_database() AND application_name LIKE 'mplus %'`;

interface AwaitingStandby {
  pid: number;
  /** When its statement began, which tells it from the next of the same process. */
  began: string;
}

export interface StoreWatchOptions {
  database: ClientConfig;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  log: Logger;
  /** What waits here for a store that is silent waits no longer: its connections are cut. */
  pool: Pool;
  /**
   * Whether what waits here for a synchronous standby waits no longer either. Not where nobody waits for an answer: a
   * commit that is left alone tells in the end what became of it.
   */
  cutsHeld: boolean;
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
 * it as long as a statement may take. The same goes for one whose commits wait for a synchronous standby: it answers
 * whoever asks, and nothing that is to be stored is ever told to be.
 */
export class StoreWatch {
  readonly #options: StoreWatchOptions;
  readonly #own: Pool;
  /** The connections in use, each since when, epoch milliseconds. */
  readonly #inUse = new Map<PoolClient, number>();
  readonly #poller: Poller;
  readonly #heldFault: LastingFault;
  readonly #onHeld: (() => void)[] = [];
  #silent = false;
  #full = false;
  /** Commits that wait for a synchronous standby, each since when it was first seen to, epoch milliseconds. */
  #awaiting = new Map<string, number>();
  #held = false;
  /** Bytes, as they were a second ago; null where nobody can tell. */
  freeBytes: number | null = null;
  /** When the store was last out of reach, epoch milliseconds. */
  lastOutageAt = 0;

  constructor(options: StoreWatchOptions) {
    const { database, applicationName, log } = options;
    this.#options = options;
    this.#heldFault = new LastingFault({
      log,
      what: "commits wait for a synchronous standby: requests get 503",
      endsWhenQuiet: false,
    });
    this.#own = createPool(database, { max: 1, applicationName });
    for (const pool of [this.#own, options.pool]) {
      pool.on("acquire", (client) => this.#inUse.set(client, Date.now()));
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
    this.#cut(0);
    this.#heldFault.stop();
    await this.#poller.stop();
    await this.#own.end();
  }

  /** Whether there is so little room that nothing more is to be accepted. */
  get full(): boolean {
    return this.#full;
  }

  /** Calls back each time that commits begin to wait for a synchronous standby that is away. */
  onHeld(listener: () => void): void {
    this.#onHeld.push(listener);
  }

  /** Whether commits wait for a synchronous standby that is away. */
  get held(): boolean {
    return this.#held;
  }

  /** Since when the oldest commit has been waiting for a synchronous standby, epoch milliseconds; null where none does. */
  get awaitingStandbySince(): number | null {
    const [oldest = null] = this.#awaiting.values();
    return oldest;
  }

  /** @throws Rejected `store-unavailable` where a request would wait for a store that does not answer */
  mustAnswer(): void {
    if (this.#silent) throw new Rejected("store-unavailable", "The store does not answer.", [], RETRY_SILENT);
  }

  /** @throws Rejected `store-unavailable` also where a commit would wait for a standby that is away */
  mustCommit(): void {
    this.mustAnswer();
    if (!this.#held) return;
    throw new Rejected("store-unavailable", `${COMMITS_HELD}.`, [], RETRY_SILENT);
  }

  /** @throws Rejected `store-unavailable` also where there is no room for more */
  mustTake(): void {
    this.mustCommit();
    if (this.#full) throw new Rejected("store-unavailable", "The store's disk is nearly full.", [], RETRY_FULL);
  }

  async #look(): Promise<boolean> {
    await Promise.all([this.#ask(), this.#measure()]);
    return false;
  }

  async #ask(): Promise<void> {
    const answer = this.#own.query<AwaitingStandby>({ name: "awaiting-standby", text: AWAITING_STANDBY }).then(
      ({ rows }) => rows,
      (error: Error) => error,
    );
    const heard =
      (await withLimit(answer, this.#silent ? STILL_SILENT_MS : SILENCE_MS)) ?? (await withLimit(answer, GRACE_MS));
    const silent = heard === undefined;
    const outages = outagesOf(this.#options.log);
    if (Array.isArray(heard)) {
      this.#lookAtCommits(heard);
      outages.answered();
    } else outages.tell(heard ?? new Error("timeout expired"), this.#poller.name);
    if (!Array.isArray(heard) || this.#held) this.lastOutageAt = Date.now();
    this.#silent = silent;
    if (silent) this.#cut(0);
  }

  #lookAtCommits(waiting: readonly AwaitingStandby[]): void {
    const now = Date.now();
    const names = waiting.map(({ pid, began }) => `${pid} ${began}`);
    const since = names.map((name): [string, number] => [name, this.#awaiting.get(name) ?? now]);
    this.#awaiting = new Map(since.sort(([, one], [, other]) => one - other));
    const held = now - (this.awaitingStandbySince ?? now) >= HELD_MS;
    if (held && !this.#held) for (const tell of this.#onHeld) tell();
    if (held) this.#heldFault.happened({ commits: waiting.length });
    // None of those that waited does any more.
    else if (this.#held) this.#heldFault.over();
    this.#held = held;
    if (held && this.#options.cutsHeld) this.#cut(HELD_MS);
  }

  /** Ends the connections that have been in use for so long: whoever waits there is told that the store is away. */
  #cut(ms: number): void {
    for (const [client, since] of this.#inUse) if (Date.now() - since >= ms) void client.end();
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
