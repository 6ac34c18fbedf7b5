import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Pool } from "pg";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import { Poller } from "../runtime/poller.ts";
import type { Loop } from "../runtime/stuck.ts";
import {
  burySilentWorkers,
  buryWorkers,
  type DeadWorker,
  enterWorker,
  freeOrphans,
  heartbeat,
  leaveWorker,
  workersOfHost,
} from "../store/workers.ts";

/** A heart that was not heard for so long has stopped; its rows are taken over. */
const SILENCE_MS = 5_000;
const BEAT_MS = 1_000;
const BEAT_TIMEOUT_MS = 2_000;
/** A worker that has not been heard for so long takes itself for dead before the others do. */
const HELD_MS = SILENCE_MS - 500;

export interface LeaseOptions {
  pool: Pool;
  log: Logger;
  clock: Clock;
  /** This worker was given up for dead while it was not: what it has in hand is another's. It has a new number now. */
  onLost(): void;
  /** The heart beats again after a silence in which this worker had to rest. */
  onHeld(): void;
  /** Rows of the dead were freed. */
  onTakeover(rows: { messages: number; webhooks: number }): void;
}

/**
 * The right of this process to its rows. A row is a worker's for as long as the worker's heart beats; there is no time
 * limit per row, so that a long queue costs no renewals. Each worker also looks after the others, once it has itself
 * been heard for as long as a silence lasts: after an outage of the store all were silent.
 */
export class Lease implements Loop {
  readonly name = "the heartbeat";
  readonly #options: LeaseOptions;
  readonly #poller: Poller;
  #worker = 0;
  /** Epoch milliseconds: when the last heartbeat that was written was sent, and the first of those without a silence. */
  #heardAt = 0;
  #heardSince = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#poller = new Poller(this.name, BEAT_MS, options.log, () => this.#beat());
  }

  /** This worker's number. */
  get worker(): number {
    return this.#worker;
  }

  /**
   * Whether the rows of this worker are its own beyond doubt. A process that was stopped for a while, or cut off from
   * the store, must do nothing more with what it has in memory until it has been heard again: others may have it.
   */
  get holds(): boolean {
    return this.#options.clock.now() - this.#heardAt < HELD_MS;
  }

  /** A heart that the store does not hear is stuck as well as one that does not beat. */
  get dueAt(): number {
    return this.#heardAt + BEAT_MS;
  }

  async start(): Promise<void> {
    const { pool } = this.#options;
    const gone = (await workersOfHost(pool, HOST)).filter(({ pid }) => pid === process.pid || !isRunning(pid));
    await buryWorkers(
      pool,
      gone.map(({ id }) => id),
    );
    this.#report(gone);
    const sentAt = this.#options.clock.now();
    this.#worker = await enterWorker(pool, HOST, process.pid);
    this.#heard(sentAt);
    await this.#takeOver();
    this.#poller.start();
  }

  /** Frees what is still in hand. */
  async stop(): Promise<void> {
    await this.#poller.stop();
    await leaveWorker(this.#options.pool, this.#worker);
  }

  /** Stops without the store, which is out of reach: another will find it dead. */
  async abandon(): Promise<void> {
    await this.#poller.stop();
  }

  async #beat(): Promise<boolean> {
    const { pool, log, clock, onLost, onHeld } = this.#options;
    const rested = !this.holds;
    const sentAt = clock.now();
    if (!(await heartbeat(pool, this.#worker, BEAT_TIMEOUT_MS))) {
      const lost = this.#worker;
      this.#worker = await enterWorker(pool, HOST, process.pid);
      log.warn({ lost, worker: this.#worker }, "this worker was given up for dead; it starts again under a new number");
      onLost();
    }
    this.#heard(sentAt);
    if (rested) onHeld();
    if (sentAt - this.#heardSince >= SILENCE_MS) this.#report(await burySilentWorkers(pool, SILENCE_MS));
    await this.#takeOver();
    return false;
  }

  #heard(sentAt: number): void {
    if (sentAt - this.#heardAt >= SILENCE_MS) this.#heardSince = sentAt;
    this.#heardAt = sentAt;
  }

  async #takeOver(): Promise<void> {
    const freed = await freeOrphans(this.#options.pool);
    if (freed.messages === 0 && freed.webhooks === 0) return;
    this.#options.log.warn(freed, "took over what dead workers left");
    this.#options.onTakeover(freed);
  }

  #report(dead: readonly DeadWorker[]): void {
    for (const worker of dead) this.#options.log.warn({ worker }, "a worker is dead");
  }
}

/**
 * Where a process's number names it: on this boot of this machine, and on Linux within a PID namespace. Two containers
 * may well share a host name, and have a process 1 each.
 */
const HOST = `${hostname()}/${createHash("sha256").update(pidSpace()).digest("hex").slice(0, 8)}`;

function pidSpace(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8") + readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
