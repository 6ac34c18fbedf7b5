import type { CarrierStatus } from "../carriers/carrier.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import { Poller } from "../runtime/poller.ts";
import { stuckLoops } from "../runtime/stuck.ts";
import { retryBundlesAside } from "../store/messages/unreadable-bundles.ts";
import { persistently } from "../store/retry.ts";
import { Partitions } from "../store/upkeep/partition-names.ts";
import { ensurePartitions } from "../store/upkeep/partitions.ts";
import type { Wakeup } from "../store/wakeups.ts";
import type { EngineOptions } from "./engine-options.ts";
import { historyJobs, storeJobs } from "./jobs.ts";
import { Lease } from "./lease.ts";
import { LOST_MS, LostHandOffs } from "./lost-hand-offs.ts";
import { NotifyStage } from "./notify-stage.ts";
import type { HandedOff } from "./protocol.ts";
import { ReceiptStage } from "./receipt-stage.ts";
import { SendStage } from "./send-stage.ts";
import type { Receiver } from "./smpp-binds.ts";
import type { Named, Reloaded, Stage, StageOptions } from "./stage.ts";
import { warmUpFlow } from "./warm-up.ts";

const SLOW_POLL_MS = 10_000;
const PARTITIONS_POLL_MS = 3_600_000;
/** Between the starts of two pollers: all at once, each opened a connection, which takes 25 ms of the server's CPU time. */
const START_GAP_MS = 25;
const DAY_MS = 86_400_000;

/**
 * The stages behind accept: send → receipt → notify, for this program's roles, and the work on leftovers: due batches, rows of
 * dead nodes, receipts that never came. Of several engines in a program the first also does the jobs on the whole store.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #partitions = new Partitions();
  readonly #lease: Lease;
  readonly #send: SendStage;
  readonly #receipt: ReceiptStage;
  readonly #notify: NotifyStage;
  /** In the order of the flow. */
  readonly #stages: readonly Stage[];
  /** The stages that this program's roles run. */
  readonly #running: readonly Stage[];
  readonly #lostHandOffs: Poller;
  readonly #jobs: readonly Poller[];

  constructor(options: EngineOptions, named: Named) {
    const { number, config, pool, log, clock, metrics } = options;
    this.#options = options;
    this.#lease = new Lease({
      pool,
      log,
      clock,
      engine: number,
      onLost: () => {
        for (const stage of this.#stages) stage.abandon?.();
      },
      onHeld: () => {
        for (const stage of this.#stages) stage.resume?.();
        this.wake();
      },
      onTakeover: (rows) => {
        metrics.takenOver(rows);
        this.wake();
      },
    });
    const stageOptions: StageOptions = {
      ...options,
      partitions: this.#partitions,
      node: () => this.node,
      holdsLease: () => this.#lease.holds,
    };
    // From the end of the flow to its beginning: each stage hands its results to the next.
    this.#notify = new NotifyStage(stageOptions);
    this.#receipt = new ReceiptStage(stageOptions, named.carrierNumbers, this.#notify, () => this.#send.wake());
    this.#send = new SendStage(stageOptions, named, this.#receipt);
    this.#stages = [this.#send, this.#receipt, this.#notify];

    const sends = config.roles.includes("carrier");
    // A program that customers are bound to delivers to them, whoever else tells of webhooks.
    const isBoundTo = config.smpp.port !== null && config.roles.includes("api");
    const notifies = config.roles.includes("webhooks") || isBoundTo;
    this.#running = [...(sends ? [this.#send, this.#receipt] : []), ...(notifies ? [this.#notify] : [])];
    const lost = new LostHandOffs({
      pool,
      log,
      clock,
      node: () => this.node,
      buffered: { messages: (id) => this.#send.has(id), webhooks: (id) => this.#notify.has(id) },
      onFound: () => this.wake(),
    });
    this.#lostHandOffs = new Poller("the look for lost hand-offs", SLOW_POLL_MS, log, () => lost.look());
    this.#jobs = [
      this.#lostHandOffs,
      new Poller("the making of partitions", PARTITIONS_POLL_MS, log, () => this.#partition()),
      ...(number === 1 ? storeJobs(options) : []),
      ...(number === 1 && sends ? historyJobs(stageOptions) : []),
    ];
  }

  get node(): number {
    return this.#lease.node;
  }

  get buffered(): { messages: number; webhooks: number } {
    return { messages: this.#send.buffered, webhooks: this.#notify.buffered };
  }

  get carriers(): CarrierStatus[] {
    return this.#send.carriers;
  }

  /** Work of this process that has stopped although the store answers. */
  get stuck(): string[] {
    const groupCommits = this.#stages.flatMap((stage) => stage.groupCommits);
    const loops = [this.#lease, ...groupCommits, ...this.#pollers];
    return stuckLoops(loops, this.#options.store.lastOutageAt, this.#options.clock.now());
  }

  get #pollers(): Poller[] {
    return [...this.#running.flatMap(({ pollers }) => pollers), ...this.#jobs];
  }

  /** @param patience how long to wait for a store that is out of reach */
  async start(patience: AbortSignal): Promise<void> {
    const { pool, log } = this.#options;
    await persistently(log, patience, async () => {
      await this.#partition();
      for (const stage of this.#running) await stage.prepare?.();
      await retryBundlesAside(pool);
      await this.#lease.start();
    });
    await warmUpFlow({ pool, log, partitions: this.#partitions });
    for (const stage of this.#running) await stage.start?.();
    for (const [index, poller] of this.#pollers.entries()) poller.start(index * START_GAP_MS);
    this.#send.tellRoom();
  }

  /** Ends the work in memory, in the order of the flow; `deadline` (epoch ms) leaves the rest to the next node. */
  async stop(deadline: number): Promise<void> {
    const left = (): number => Math.max(0, deadline - this.#options.clock.now());
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
    for (const stage of this.#stages) await stage.drain(left);
    for (const stage of this.#stages) stage.abort();
    await this.#lease.stop();
  }

  /** Goes on with another configuration, of which carriers, routes, opt-outs and callbacks count here. */
  async reload(reloaded: Reloaded): Promise<void> {
    this.#receipt.retune(reloaded);
    this.#notify.retune(reloaded);
    const exchange = this.#send.retune(reloaded);
    if (this.#running.includes(this.#send)) await exchange();
  }

  /** Takes messages that were accepted under this node's lease. */
  take(handedOff: HandedOff): void {
    this.#send.take(handedOff);
  }

  /** Why a message waits to be submitted; null if it is not in memory. */
  whyWaiting(message: string): WhyWaiting | null {
    return this.#send.whyWaiting(message);
  }

  /** Cancels a message that waits for a carrier, in this memory or in nobody's. Resolves with whether it did. */
  cancel(message: string): Promise<boolean> {
    return this.#send.cancel(message);
  }

  /** Resolves with whether the content of a carrier's event is committed. */
  takeEvent(carrier: string, event: unknown): Promise<boolean> {
    return this.#send.takeEvent(carrier, event);
  }

  /** There are rows that no memory holds. */
  wake(): void {
    for (const stage of this.#stages) stage.wake?.();
  }

  /** Takes what the programs on the store tell each other. */
  heard(wakeup: Wakeup): void {
    if (wakeup === "messages" || wakeup === "webhooks") this.wake();
    else if (wakeup === "secrets") this.#notify.forgetSecrets();
    else if (wakeup === "optOuts") this.#receipt.refreshOptOuts();
    else if (wakeup === "receivers") this.#notify.lookForReceivers();
    else if (wakeup === "carriers") void this.refreshPaused().catch(() => {});
  }

  /** A customer has bound who takes receipts. */
  takesReceipts(receiver: Receiver): void {
    this.#notify.takesReceipts(receiver);
  }

  /** These customers are bound to this program, and receive. */
  set receivers(receivers: readonly Receiver[]) {
    this.#notify.receivers = receivers;
  }

  /** Reads the paused carriers anew. */
  async refreshPaused(): Promise<void> {
    await this.#send.paused.refresh();
  }

  /** A process that hands off messages has died: looks for messages that it had on the way, now and once they are overdue. */
  lookForLost(): void {
    this.#lostHandOffs.wake();
    setTimeout(() => this.#lostHandOffs.wake(), LOST_MS + 1).unref();
  }

  async #partition(): Promise<boolean> {
    const now = this.#options.clock.now();
    await ensurePartitions(this.#options.pool, now, now + DAY_MS);
    await this.#partitions.refresh(this.#options.pool);
    return false;
  }
}
