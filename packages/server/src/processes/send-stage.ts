import type { CarrierStatus } from "../carriers/carrier.ts";
import { Fleet } from "../carriers/create.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import { routesByChannel } from "../route/routes.ts";
import { Poller } from "../runtime/poller.ts";
import type { Loop } from "../runtime/stuck.ts";
import { withLimit } from "../runtime/with-limit.ts";
import { fallBackLine, intentLine } from "../send/noted-line.ts";
import { Sender } from "../send/sender.ts";
import { whyWaiting } from "../send/waiting.ts";
import { type BundleText, messagesOfBundle } from "../store/messages/bundles.ts";
import { releaseMessages } from "../store/messages/claim-messages.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { MessageClaims } from "./claims.ts";
import { PausedCarriers } from "./paused-carriers.ts";
import { HAND_OFF_MS } from "./protocol.ts";
import type { ReceiptStage } from "./receipt-stage.ts";
import type { Named, Reloaded, Stage, StageOptions } from "./stage.ts";

const POLL_MS = 500;
const LOOK_MS = 1_000;
const SLOW_POLL_MS = 10_000;
/** At 20,000 a second those that accept are wrong about the room by 1,000 of 8,000. */
const REPORT_MS = 50;
/** A carrier's answers under way are waited for at most this long when the program stops. */
const CLOSE_MS = 3_000;

/** Send: accepted messages go to the carriers that their routes name. */
export class SendStage implements Stage {
  readonly pollers: readonly Poller[];
  readonly lines: readonly Loop[] = [];
  readonly paused: PausedCarriers;
  readonly #options: StageOptions;
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
    this.#sends = config.roles.includes("carrier");
    this.paused = new PausedCarriers(pool, () => this.#sender.pump());
    const events = { onFree: () => this.#sender.pump(), onDeliver: receipt.receive };
    this.#fleet = new Fleet(config, carrierNumbers, files, { pool, log, clock, events, publicUrl });
    const noting = { pool, partitions, log, node };
    this.#intents = onUncertain === "fail" ? intentLine(noting) : null;
    this.#fallBacks = fallBackLine(noting);
    this.#sender = new Sender({
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
        // As behind every wake-up there is a poll behind this one.
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

  /** Why a message waits to be submitted; null where it is not in memory. */
  whyWaiting(message: string): WhyWaiting | null {
    return whyWaiting(this.#sender, this.#fleet.all, message);
  }

  /** Answers whether what a carrier's event says is committed. */
  async takeEvent(carrier: string, event: unknown): Promise<boolean> {
    return (await this.#fleet.all.get(carrier)?.takeEvent?.(event)) ?? false;
  }

  /** Messages that were accepted under this node's lease. What comes too late is claimed like anything that is lost. */
  take(offer: { node: number; at: number }, messages: readonly WaitingMessage[]): void {
    if (this.#isInTime(offer)) this.#sender.take(messages);
    this.#reportRoom();
  }

  takeBundle(offer: { node: number; at: number }, bundle: BundleText): void {
    if (this.#isInTime(offer)) this.#sender.take(messagesOfBundle(bundle));
    this.#reportRoom();
  }

  #isInTime({ node, at }: { node: number; at: number }): boolean {
    return this.#options.clock.now() - at <= HAND_OFF_MS && node === this.#options.node();
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
    // A carrier that takes nothing is not waited for at the others' cost.
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

  /** Answers what ends and begins the binds that are not the same. */
  retune({ config, carrierNumbers, accounts, files }: Reloaded): () => Promise<void> {
    const exchange = this.#fleet.replace(config, carrierNumbers, files);
    const routes = routesByChannel(config.routes, config.carriers, accounts);
    this.#sender.reroute({ routes, carriers: this.#fleet.all });
    return exchange;
  }

  /** Tells those that accept, at most so often that nobody notices. */
  #reportRoom(): void {
    if (this.#report !== undefined) return;
    this.#report = setTimeout(() => {
      this.#report = undefined;
      this.tellRoom();
    }, REPORT_MS);
  }

  /** Tells those that accept who this node is and how many messages it has; claims where there is room for more. */
  tellRoom(): void {
    const { onState, node } = this.#options;
    onState({ node: this.#sends ? node() : 0, buffered: this.buffered });
    if (this.#claims.wantsMessages) this.#claim.wake();
    if (this.#claims.wantsDue) this.#releaseDue.wake();
  }
}
