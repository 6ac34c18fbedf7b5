import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Pool } from "pg";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import { Poller } from "../runtime/poller.ts";
import type { Loop } from "../runtime/stuck.ts";
import {
  enterNode,
  expireNodes,
  expireSilentNodes,
  freeOrphans,
  heartbeat,
  leaveNode,
  type NamedNode,
  nodesOfHost,
} from "../store/nodes.ts";

/** How long a heart may be silent, in ms; then others take its rows over. */
export const SILENCE_MS = 5_000;
const BEAT_MS = 1_000;
const BEAT_TIMEOUT_MS = 2_000;
/** How long a node may be silent, in ms, before it takes itself for dead: shorter than for the others. */
const HELD_MS = SILENCE_MS - 500;

export interface LeaseOptions {
  pool: Pool;
  log: Logger;
  clock: Clock;
  /** The engine's number in its program. */
  engine: number;
  /** Called when others took this node for dead while it was not: they have its rows, and it has a new number now. */
  onLost(): void;
  /** Called when the heart beats again after a silence in which this node had to rest. */
  onHeld(): void;
  /** Called when rows of dead nodes were freed. */
  onTakeover(rows: { messages: number; webhooks: number }): void;
}

/**
 * The right of this process to its rows. A row is a node's for as long as the node's heart beats; there is no time
 * limit per row, so that a long queue costs no renewals. Each node also looks after the others, once it has itself
 * been heard for as long as a silence lasts: after an outage of the store all were silent.
 */
export class Lease implements Loop {
  readonly name = "the heartbeat";
  readonly #options: LeaseOptions;
  readonly #poller: Poller;
  #node = 0;
  /** Epoch milliseconds: when the last recorded heartbeat was sent, and the first of those without a silence. */
  #heardAt = 0;
  #heardSince = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#poller = new Poller(this.name, BEAT_MS, options.log, () => this.#beat());
  }

  /** This node's number. */
  get node(): number {
    return this.#node;
  }

  /**
   * Whether the rows of this node are its own beyond doubt. A process that was stopped for a while, or cut off from the store,
   * must do nothing with its messages in memory until the store has heard it again: other nodes may have them.
   */
  get holds(): boolean {
    return this.#options.clock.now() - this.#heardAt < HELD_MS;
  }

  /** A heart that the store does not hear is as stuck as one that does not beat. */
  get dueAt(): number {
    return this.#heardAt + BEAT_MS;
  }

  async start(): Promise<void> {
    const { pool, engine } = this.#options;
    const gone = (await nodesOfHost(pool, THIS_HOST)).filter(({ pid }) => pid === process.pid || !isRunning(pid));
    await expireNodes(
      pool,
      gone.map(({ id }) => id),
    );
    this.#report(gone);
    const sentAt = this.#options.clock.now();
    this.#node = await enterNode(pool, THIS_HOST, process.pid, engine);
    this.#heard(sentAt);
    await this.#takeOver();
    this.#poller.start();
  }

  /** Frees the rows that are still in memory. */
  async stop(): Promise<void> {
    await this.#poller.stop();
    await leaveNode(this.#options.pool, this.#node);
  }

  /** Stops while the store is out of reach: another node will find this one dead. */
  async abandon(): Promise<void> {
    await this.#poller.stop();
  }

  async #beat(): Promise<boolean> {
    const { pool, log, clock, engine, onLost, onHeld } = this.#options;
    const rested = !this.holds;
    const sentAt = clock.now();
    if (!(await heartbeat(pool, this.#node, BEAT_TIMEOUT_MS))) {
      const lost = this.#node;
      this.#node = await enterNode(pool, THIS_HOST, process.pid, engine);
      log.warn({ lost, node: this.#node }, "this node was given up for dead; it starts again under a new number");
      onLost();
    }
    this.#heard(sentAt);
    if (rested) onHeld();
    if (sentAt - this.#heardSince >= SILENCE_MS) this.#report(await expireSilentNodes(pool, SILENCE_MS));
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
    this.#options.log.warn(freed, "took over what dead nodes left");
    this.#options.onTakeover(freed);
  }

  #report(dead: readonly NamedNode[]): void {
    for (const node of dead) this.#options.log.warn({ node }, "a node is dead");
  }
}

/**
 * The place where a process's number names it: this boot of this machine, and on Linux a PID namespace. Two containers may share
 * a host name, and have a process 1 each.
 */
export const THIS_HOST = `${hostname()}/${createHash("sha256").update(pidSpace()).digest("hex").slice(0, 8)}`;

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
