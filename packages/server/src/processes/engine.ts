import type { CarrierStatus } from "../carriers/carrier.ts";
import { Fleet } from "../carriers/create.ts";
import { SIMULATOR_RECEIPTS } from "../carriers/simulator/outcomes.ts";
import type { FilePrints } from "../config/changes.ts";
import { type TwoWay, twoWay } from "../inbound/two-way.ts";
import type { WhyWaiting } from "../message/waiting.ts";
import { webhookExchanger } from "../notify/client/exchanger.ts";
import { type Telling, telling } from "../notify/endpoint-events/telling.ts";
import { EndpointShares } from "../notify/fairness/shares.ts";
import { Notifier } from "../notify/notifier.ts";
import type { Webhook } from "../notify/webhook.ts";
import { Ends } from "../receipt/ends.ts";
import { learn, receiptProfiles } from "../receipt/profiles.ts";
import { Progress } from "../receipt/progress.ts";
import { createReceiver } from "../receipt/receiver.ts";
import { routesByChannel } from "../route/routes.ts";
import { Poller } from "../runtime/poller.ts";
import { stuckLoops } from "../runtime/stuck.ts";
import { withLimit } from "../runtime/with-limit.ts";
import { FallBacks } from "../send/fall-backs.ts";
import { Sender } from "../send/sender.ts";
import { SubmitIntents } from "../send/submit-intents.ts";
import { whyWaiting } from "../send/waiting.ts";
import { type BundleText, messagesOfBundle } from "../store/messages/bundles.ts";
import { releaseMessages } from "../store/messages/claim-messages.ts";
import type { WebhookLease } from "../store/messages/finals.ts";
import { retryBundlesAside } from "../store/messages/unreadable-bundles.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { persistently } from "../store/retry.ts";
import { Partitions } from "../store/upkeep/partition-names.ts";
import { ensurePartitions } from "../store/upkeep/partitions.ts";
import { releaseWebhooks } from "../store/webhooks/claim-webhooks.ts";
import { Claims } from "./claims.ts";
import type { CarrierNumbers, EngineOptions } from "./engine-options.ts";
import { carrierJobs, storeJobs } from "./jobs.ts";
import { Lease } from "./lease.ts";
import { LOST_MS, LostHandOffs } from "./lost-hand-offs.ts";
import { PausedCarriers } from "./paused-carriers.ts";
import { HAND_OFF_MS } from "./protocol.ts";
import { type Reloaded, retune, type Tunable } from "./retune.ts";
import { hastenFor } from "./smpp-receivers.ts";
import { warmUpFlow } from "./warm-up.ts";

const POLL_MS = 500;
/** At 20,000 a second those that accept are wrong about the room by 1,000 of 8,000. */
const REPORT_MS = 50;
const SLOW_POLL_MS = 10_000;
const DAY_MS = 86_400_000;

/**
 * Everything behind accept: send → receipt → notify, for the roles that this program has, and the work on what is left
 * over: what falls due, what dead nodes left, what never came.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #lease: Lease;
  readonly #sends: boolean;
  readonly #notifies: boolean;
  readonly #fleet: Fleet;
  readonly #tunable: Tunable;
  readonly paused: PausedCarriers;
  readonly #intents: SubmitIntents | null;
  readonly #fallBacks: FallBacks;
  readonly #sender: Sender;
  readonly #progress: Progress;
  readonly #notifier: Notifier;
  readonly #shares: EndpointShares<Webhook>;
  readonly #claims: Claims;
  readonly #claimMessages: Poller;
  readonly #releaseDue: Poller;
  readonly #claimWebhooks: Poller;
  readonly #telling: Telling;
  readonly #twoWay: TwoWay;
  readonly #lostHandOffs: Poller;
  readonly #jobs: Poller[];
  readonly #partitions = new Partitions();
  #report: NodeJS.Timeout | undefined;

  constructor(
    options: EngineOptions,
    carrierNumbers: CarrierNumbers,
    accounts: ReadonlyMap<string, number>,
    files: FilePrints,
  ) {
    const { config, pool, store, log, clock, metrics } = options;
    this.#options = options;
    this.#sends = config.roles.includes("carrier");
    this.#notifies = config.roles.includes("webhooks");
    this.#lease = new Lease({
      pool,
      log,
      clock,
      onLost: () => this.#abandon(),
      onHeld: () => this.#resume(),
      onTakeover: (rows) => {
        metrics.takenOver(rows);
        this.wake();
      },
    });
    const node = () => this.#lease.node;
    const profiles = receiptProfiles(config, SIMULATOR_RECEIPTS, carrierNumbers);
    this.paused = new PausedCarriers(pool, () => this.#sender.pump());
    const onWebhooks = () => this.#claimWebhooks.wake();
    this.#twoWay = twoWay({ pool, log, clock, config, metrics, onWebhooks });
    const receive = createReceiver({
      log,
      clock,
      profiles,
      record: (receipt, done) => this.#progress.pushReceipt(receipt, done),
      inbound: (carrier, delivery) => this.#twoWay.inbound.receive(carrier, delivery),
      countReceipt: (carrier, state) => metrics.receipt(carrier, state),
      countDropped: (carrier) => metrics.dropped(carrier),
    });
    this.#fleet = new Fleet(config, carrierNumbers, files, {
      pool,
      log,
      clock,
      events: { onFree: () => this.#sender.pump(), onDeliver: receive },
      publicUrl: options.publicUrl,
    });
    const { onUncertain, fallbackAfter } = config.messages;
    this.#intents =
      onUncertain === "fail" ? new SubmitIntents({ pool, partitions: this.#partitions, log, node }) : null;
    this.#fallBacks = new FallBacks({ pool, partitions: this.#partitions, log, node });
    this.#sender = new Sender({
      routes: routesByChannel(config.routes, config.carriers, accounts),
      isPaused: (id) => this.paused.has(id),
      carriers: this.#fleet.all,
      clock,
      log,
      onUncertain,
      fallbackAfterMs: fallbackAfter * 1_000,
      fallBacks: this.#fallBacks,
      holdsLease: () => this.#lease.holds,
      intents: this.#intents,
      record: (outcome, done) => this.#progress.pushOutcome(outcome, done),
      countUncertain: () => metrics.uncertain(),
      countSetAside: () => metrics.setAside(),
      optOuts: this.#twoWay.optOuts,
      onRoom: () => this.#reportRoom(),
    });
    const ends = new Ends({
      pool,
      partitions: this.#partitions,
      clock,
      receiptMargin: config.messages.receiptMargin,
      node,
      webhookLease: () => this.#webhookLease(),
      onFinals: (finals, lease) => {
        for (const { state } of finals) metrics.final(state);
        this.#notifier.takeFinals(finals, lease);
      },
      onFallBack: () => this.#claimMessages.wake(),
    });
    const { validity, receiptMargin } = config.messages;
    const maxAgeMs = (validity + receiptMargin) * 1_000 + DAY_MS;
    const shared = { pool, partitions: this.#partitions, log, clock, node };
    this.#progress = new Progress({
      ...shared,
      maxAgeMs,
      ends,
      onIdForm: (carrier, form) => void learn(options, carrier, form, profiles, carrierNumbers),
      onUnmatched: () => metrics.unmatched(),
    });
    this.#shares = new EndpointShares<Webhook>({
      inFlight: config.callbacks.inFlight,
      perEndpoint: config.callbacks.perEndpoint,
      clock,
      random: Math.random,
    });
    this.#notifier = new Notifier({
      pool,
      partitions: this.#partitions,
      log,
      clock,
      shares: this.#shares,
      exchanger: webhookExchanger(options),
      smpp: options.smpp,
      retryDelays: config.callbacks.retryDelays,
      environment: config.environment,
      random: Math.random,
      node,
      holdsLease: () => this.#lease.holds,
      release: (webhooks) => releaseWebhooks(pool, webhooks, node()),
      onAttempt: (verdict, outcome) => metrics.attempt(verdict, outcome.phases.totalMs),
      onRoom: () => this.#claimWebhooks.wake(),
      onHealth: () => this.#telling.tell.wake(),
    });
    const stages = { fleet: this.#fleet, sender: this.#sender, notifier: this.#notifier, shares: this.#shares };
    this.#tunable = { options, profiles, carrierNumbers, ...stages, twoWay: this.#twoWay };
    const holdsLease = () => this.#lease.holds;
    const claims = new Claims({
      pool,
      store,
      sender: this.#sender,
      notifier: this.#notifier,
      node,
      holdsLease,
      takesBundles: this.#intents === null,
    });
    this.#claims = claims;
    this.#claimMessages = new Poller("claiming messages", POLL_MS, log, () => claims.takeMessages());
    this.#releaseDue = new Poller("the release of what falls due", POLL_MS, log, () => claims.takeDue());
    const untilDue = () => this.#notifier.untilDue(POLL_MS);
    this.#claimWebhooks = new Poller("claiming webhooks", untilDue, log, () => claims.takeWebhooks());
    this.#telling = telling({
      pool,
      log,
      clock,
      refresh: () => this.#notifier.refreshHealth(),
      recordStates: () => this.#notifier.recordStates(),
      onTold: () => this.#claimWebhooks.wake(),
    });
    const lost = new LostHandOffs({
      pool,
      log,
      clock,
      node,
      hasMessage: (id) => this.#sender.has(id),
      hasWebhook: (id) => this.#notifier.has(id),
      onFound: () => this.wake(),
    });
    this.#lostHandOffs = new Poller("the look for lost hand-offs", SLOW_POLL_MS, log, () => lost.look());
    this.#jobs = [
      this.#lostHandOffs,
      ...storeJobs({ pool, store, log, metrics }),
      new Poller("the look for paused carriers", SLOW_POLL_MS, log, () => this.paused.refresh()),
      new Poller("the making of partitions", 3_600_000, log, () => this.#partition()),
      ...(this.#sends
        ? carrierJobs({ ...options, ...this.#tunable, progress: this.#progress, ends, partitions: this.#partitions })
        : []),
      ...(this.#sends ? this.#twoWay.jobs : []),
      ...(this.#notifies ? this.#telling.jobs : []),
    ];
  }

  /** Goes on by another configuration, of which carriers, routes, opt-outs and callbacks count here. */
  async reload(reloaded: Reloaded): Promise<void> {
    const exchange = retune(this.#tunable, reloaded);
    if (this.#sends) await exchange();
  }

  get node(): number {
    return this.#lease.node;
  }

  get buffered(): { messages: number; webhooks: number } {
    return { messages: this.#sender.buffered, webhooks: this.#notifier.buffered };
  }

  /** Work of this process that does not go on although the store answers. */
  get stuck(): string[] {
    const loops = [this.#lease, this.#progress, this.#notifier.attempts, ...this.#pollers];
    return stuckLoops(loops, this.#options.store.lastOutageAt, this.#options.clock.now());
  }

  get #pollers(): Poller[] {
    return [this.#claimMessages, this.#releaseDue, this.#claimWebhooks, ...this.#jobs];
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

  /** @param patience how long a store that is out of reach is waited for */
  async start(patience: AbortSignal): Promise<void> {
    await persistently(this.#options.log, patience, async () => {
      await this.#partition();
      if (this.#sends) await this.#twoWay.optOuts.refresh();
      await this.paused.refresh();
      await retryBundlesAside(this.#options.pool);
      await this.#lease.start();
    });
    await warmUpFlow({ ...this.#options, partitions: this.#partitions });
    if (this.#sends) {
      for (const carrier of this.#fleet.all.values()) await carrier.start();
      this.#claimMessages.start();
      this.#releaseDue.start();
    }
    if (this.#notifies) this.#claimWebhooks.start();
    for (const job of this.#jobs) job.start();
    this.#tell();
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
    return this.#options.clock.now() - at <= HAND_OFF_MS && node === this.node;
  }

  /** There are rows that nobody has in memory. */
  wake(): void {
    if (this.#sends) this.#claimMessages.wake();
    if (this.#notifies) this.#claimWebhooks.wake();
  }

  /** A customer has bound who takes receipts. */
  takesReceipts(receiver: Parameters<typeof hastenFor>[0]): Promise<void> {
    return hastenFor(receiver, this.#options.pool, this.#notifier, this.#claimWebhooks);
  }

  forgetSecrets(): void {
    this.#notifier.forgetSecrets();
  }

  /** A handset has opted out at another program. */
  refreshOptOuts(): void {
    this.#twoWay.refreshOptOuts.wake();
  }

  /** A process that hands off messages has died: what it had on the way is looked for at once, and when it is late. */
  lookForLost(): void {
    this.#lostHandOffs.wake();
    setTimeout(() => this.#lostHandOffs.wake(), LOST_MS + 1).unref();
  }

  /** Ends what is in memory, in the order of the flow; what is not ended by `deadline` (epoch ms) is left to the next. */
  async stop(deadline: number): Promise<void> {
    const { pool, clock } = this.#options;
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
    clearTimeout(this.#report);
    const left = () => Math.max(0, deadline - clock.now());
    // A carrier that takes nothing is not waited for at the others' cost.
    const unsent = await withLimit(this.#sender.stop(), left() / 2);
    if (unsent !== undefined && unsent.length > 0) await releaseMessages(pool, unsent, this.node, 0);
    await Promise.all([...this.#fleet.all.values()].map((carrier) => carrier.close(Math.min(left(), 3_000))));
    await withLimit(Promise.all([this.#progress.drain(), this.#twoWay.inbound.drain()]), left());
    await withLimit(this.#notifier.stop(), left());
    this.#intents?.abort();
    this.#fallBacks.abort();
    this.#progress.abort();
    this.#notifier.abort();
    await this.#lease.stop();
  }

  /** Tells those that accept, at most so often that nobody notices. */
  #reportRoom(): void {
    if (this.#report !== undefined) return;
    this.#report = setTimeout(() => {
      this.#report = undefined;
      this.#tell();
    }, REPORT_MS);
  }

  #tell(): void {
    const { buffered } = this.#sender;
    this.#options.onState({ node: this.#sends ? this.node : 0, buffered });
    if (this.#claims.wantsMessages) this.#claimMessages.wake();
    if (this.#claims.wantsDue) this.#releaseDue.wake();
  }

  #webhookLease(): WebhookLease {
    if (!this.#notifies || !this.#notifier.hasRoom) return { node: 0, full: [] };
    return { node: this.node, full: this.#notifier.fullEndpoints() };
  }

  #abandon(): void {
    this.#sender.abandon();
    this.#notifier.abandon();
    this.#tell();
  }

  /** Goes on with what is in memory after the store was out of reach. */
  #resume(): void {
    this.#sender.pump();
    this.#notifier.pump();
    this.wake();
  }

  async #partition(): Promise<boolean> {
    const now = this.#options.clock.now();
    await ensurePartitions(this.#options.pool, now, now + DAY_MS);
    await this.#partitions.refresh(this.#options.pool);
    return false;
  }
}
