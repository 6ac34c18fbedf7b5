import type { CarrierStatus } from "../carriers/carrier.ts";
import { Fleet } from "../carriers/create.ts";
import { enginesOf } from "../config/engines.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import { routesByChannel } from "../route/routes.ts";
import { Poller } from "../runtime/poller.ts";
import type { Loop } from "../runtime/stuck.ts";
import { withLimit } from "../runtime/with-limit.ts";
import { fallBackLine, intentLine } from "../send/group-note.ts";
import { Sender } from "../send/sender.ts";
import { cancelled } from "../send/submit-outcome.ts";
import { whyWaiting } from "../send/waiting.ts";
import { materializeBundleOf, messagesOfBundle } from "../store/messages/bundles.ts";
import { claimMessage, releaseMessages } from "../store/messages/claim-messages.ts";
import { MessageClaims } from "./claims.ts";
import { PausedCarriers } from "./paused-carriers.ts";
import { HAND_OFF_MS, type HandedOff } from "./protocol.ts";
import type { ReceiptStage } from "./receipt-stage.ts";
import type { Named, Reloaded, Stage, StageOptions } from "./stage.ts";

const POLL_MS = 500;
const LOOK_MS = 1_000;
const SLOW_POLL_MS = 10_000;
/** Interval of reports on room, in ms: at 20,000 a second, accepting processes are then off by 1,000 of 8,000 at most. */
const REPORT_MS = 50;
/** How long a stop waits for a carrier's answers under way, in ms. */
const CLOSE_MS = 3_000;

/** The stage that gives accepted messages to the carriers of their routes. */
export class SendStage implements Stage {
  readonly pollers: readonly Poller[];
  readonly groupCommits: readonly Loop[] = [];
  readonly paused: PausedCarriers;
  readonly #options: StageOptions;
  readonly #receipt: ReceiptStage;
  readonly #sends: boolean;
  readonly #fleet: Fleet;
  readonly #intents: ReturnType<typeof intentLine> | null;
  readonly #fallBacks: ReturnType<typeof fallBackLine>;
  readonly #sender: Sender;
  readonly #claims: MessageClaims;
  readonly #claim: Poller;
  readonly #releaseDue: Poller;
  #report: NodeJS.Timeout | undefined;

  constructor(options: StageOptions, { carrierNumbers, accounts, files }: Named, receipt: ReceiptStage) {
    const { config, pool, store, log, clock, metrics, partitions, node, holdsLease, publicUrl } = options;
    const { onUncertain, fallbackAfter } = config.messages;
    this.#options = options;
    this.#receipt = receipt;
    this.#sends = config.roles.includes("carrier");
    this.paused = new PausedCarriers(pool, () => this.#sender.pump());
    const events = { onFree: () => this.#sender.pump(), onDeliver: receipt.receive };
    this.#fleet = new Fleet(config, carrierNumbers, files, { pool, log, clock, events, publicUrl });
    const noting = { pool, partitions, log, node };
    this.#intents = onUncertain === "fail" ? intentLine(noting) : null;
    this.#fallBacks = fallBackLine(noting);
    this.#sender = new Sender({
      engines: enginesOf(config),
      routes: routesByChannel(config.routes, config.carriers, accounts),
      isPaused: (id) => this.paused.has(id),
      carriers: this.#fleet.all,
      clock,
      log,
      onUncertain,
      fallbackAfterMs: fallbackAfter * 1_000,
      fallBacks: this.#fallBacks,
      holdsLease,
      intents: this.#intents,
      record: (outcome, done) => receipt.pushOutcome(outcome, done),
      countUncertain: () => metrics.uncertain(),
      countSetAside: () => metrics.setAside(),
      optOuts: receipt.optOuts,
      onRoom: () => this.#reportRoom(),
    });
    const sender = this.#sender;
    const claims = new MessageClaims({ pool, store, sender, node, holdsLease, takesBundles: this.#intents === null });
    this.#claims = claims;
    this.#claim = new Poller("claiming messages", POLL_MS, log, () => claims.take());
    this.#releaseDue = new Poller("the release of what falls due", POLL_MS, log, () => claims.takeDue());
    this.pollers = [
      this.#claim,
      this.#releaseDue,
      new Poller("the look at what is in memory", LOOK_MS, log, async () => {
        sender.sweepExpired();
        // A poll backs this wake-up, like every other.
        sender.pump();
        return false;
      }),
      new Poller("the look for paused carriers", SLOW_POLL_MS, log, () => this.paused.refresh()),
    ];
  }

  get buffered(): number {
    return this.#sender.buffered;
  }

  has(id: string): boolean {
    return this.#sender.has(id);
  }

  get carriers(): CarrierStatus[] {
    return this.#sends
      ? [...this.#fleet.all.values()].map(({ status }) => ({ ...status, paused: this.paused.has(status.id) }))
      : [];
  }

  /** Why a message waits to be submitted; null if it is not in memory. */
  whyWaiting(message: string): WhyWaiting | null {
    return whyWaiting(this.#sender, this.#fleet.all, (id) => this.paused.has(id), message);
  }

  /** Cancels a message that waits for a carrier, here or in nobody's memory. Resolves with whether it did. */
  async cancel(message: string): Promise<boolean> {
    const { pool, node, holdsLease } = this.#options;
    if (this.#sender.has(message)) return this.#sender.cancel(message);
    if (!holdsLease()) return false;
    await materializeBundleOf(pool, message);
    if (!(await claimMessage(pool, node(), message))) return false;
    return new Promise((resolve, reject) => {
      this.#receipt.pushOutcome(cancelled({ id: message }), (recorded) => {
        if (recorded instanceof Error) reject(recorded);
        else resolve(recorded);
      });
    });
  }

  /** Resolves with whether the content of a carrier's event is committed. */
  async takeEvent(carrier: string, event: unknown): Promise<boolean> {
    return (await this.#fleet.all.get(carrier)?.takeEvent?.(event)) ?? false;
  }

  /** Takes messages that were accepted under this node's lease. One that comes too late is claimed like any lost one. */
  take(handedOff: HandedOff): void {
    const { node, at } = handedOff;
    if (this.#options.clock.now() - at <= HAND_OFF_MS && node === this.#options.node()) {
      this.#sender.take(handedOff.kind === "bundle" ? messagesOfBundle(handedOff.bundle) : handedOff.messages);
    }
    this.#reportRoom();
  }

  async prepare(): Promise<void> {
    await this.paused.refresh();
  }

  async start(): Promise<void> {
    for (const carrier of this.#fleet.all.values()) await carrier.start();
  }

  async drain(leftMs: () => number): Promise<void> {
    const { pool, node } = this.#options;
    clearTimeout(this.#report);
    // The other stages must not pay for a carrier that takes nothing.
    const unsent = await withLimit(this.#sender.stop(), leftMs() / 2);
    if (unsent !== undefined && unsent.length > 0) await releaseMessages(pool, unsent, node(), 0);
    const closeMs = Math.min(leftMs(), CLOSE_MS);
    await Promise.all([...this.#fleet.all.values()].map((carrier) => carrier.close(closeMs)));
  }

  abort(): void {
    this.#intents?.abort();
    this.#fallBacks.abort();
  }

  abandon(): void {
    this.#sender.abandon();
    this.tellRoom();
  }

  resume(): void {
    this.#sender.pump();
  }

  wake(): void {
    this.#claim.wake();
  }

  /** Returns the work that ends the changed binds and begins the new ones. */
  retune({ config, carrierNumbers, accounts, files }: Reloaded): () => Promise<void> {
    const exchange = this.#fleet.replace(config, carrierNumbers, files);
    const routes = routesByChannel(config.routes, config.carriers, accounts);
    this.#sender.reroute({ engines: enginesOf(config), routes, carriers: this.#fleet.all });
    return exchange;
  }

  /** Reports to the accepting processes, rarely enough to cost nothing. */
  #reportRoom(): void {
    if (this.#report !== undefined) return;
    this.#report = setTimeout(() => {
      this.#report = undefined;
      this.tellRoom();
    }, REPORT_MS);
  }

  /** Tells the accepting processes this node's number and how many messages it has; claims if there is room for more. */
  tellRoom(): void {
    const { onState, node } = this.#options;
    onState({ node: this.#sends ? node() : 0, buffered: this.buffered });
    if (this.#claims.wantsMessages) this.#claim.wake();
    if (this.#claims.wantsDue) this.#releaseDue.wake();
  }
}
