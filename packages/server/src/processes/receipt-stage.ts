import type { CarrierEvents } from "../carriers/carrier.ts";
import { SIMULATOR_RECEIPTS } from "../carriers/simulator/outcomes.ts";
import { type TwoWay, twoWay } from "../inbound/two-way.ts";
import { codeNumber } from "../message/code-number.ts";
import { firstIdAt } from "../message/id.ts";
import { FAILED } from "../message/lifecycle.ts";
import { Ends } from "../receipt/ends.ts";
import { Parked } from "../receipt/parked.ts";
import { learn, receiptProfiles } from "../receipt/profiles.ts";
import { Progress } from "../receipt/progress.ts";
import { createReceiver, type ReceiptProfile } from "../receipt/receiver.ts";
import { Poller } from "../runtime/poller.ts";
import type { Loop } from "../runtime/stuck.ts";
import { withLimit } from "../runtime/with-limit.ts";
import { keepSweep, ownLostReceipts, usualLostReceipts } from "../store/messages/lost-receipts.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import type { CarrierNumbers } from "./engine-options.ts";
import type { NotifyStage } from "./notify-stage.ts";
import type { Reloaded, Stage, StageOptions } from "./stage.ts";

const POLL_MS = 1_000;
const SLOW_POLL_MS = 10_000;
const DAY_MS = 86_400_000;
/** Rows of one sweep's step. */
const STEP = 1_000;
const NO_RECEIPT = codeNumber("5D");

/** The stage of carriers' reports: receipts move messages on, and texts from handsets are passed on. */
export class ReceiptStage implements Stage {
  readonly pollers: readonly Poller[];
  readonly groupCommits: readonly Loop[];
  /** Takes the carriers' deliveries. */
  readonly receive: CarrierEvents["onDeliver"];
  readonly #options: StageOptions;
  readonly #carrierNumbers: CarrierNumbers;
  readonly #profiles: Map<string, ReceiptProfile>;
  readonly #ends: Ends;
  readonly #progress: Progress;
  readonly #twoWay: TwoWay;

  /** @param onFallBack called when messages wait to be claimed for their next channel */
  constructor(options: StageOptions, carrierNumbers: CarrierNumbers, notify: NotifyStage, onFallBack: () => void) {
    const { config, pool, log, clock, metrics, partitions, node } = options;
    const { validity, receiptMargin } = config.messages;
    this.#options = options;
    this.#carrierNumbers = carrierNumbers;
    const profiles = receiptProfiles(config, SIMULATOR_RECEIPTS, carrierNumbers);
    this.#profiles = profiles;
    this.#ends = new Ends({
      pool,
      partitions,
      clock,
      receiptMargin,
      node,
      webhookLease: () => notify.lease(),
      onLeaseEnd: () => notify.leaseEnded(),
      onFinals: (finals, lease) => {
        for (const { state } of finals) metrics.final(state);
        notify.takeFinals(finals, lease);
        options.tracing?.finals(finals);
      },
      onFallBack,
    });
    this.#progress = new Progress({
      pool,
      partitions,
      log,
      clock,
      maxAgeMs: (validity + receiptMargin) * 1_000 + DAY_MS,
      node,
      ends: this.#ends,
      onIdForm: (carrier, form) => void learn(options, carrier, form, profiles, carrierNumbers),
      onUnmatched: () => metrics.unmatched(),
      onIntermediates: () => notify.wake(),
    });
    this.#twoWay = twoWay({ pool, log, clock, config, metrics, onWebhooks: () => notify.wake() });
    this.receive = createReceiver({
      log,
      clock,
      profiles,
      record: (receipt, done) => this.#progress.pushReceipt(receipt, done),
      inbound: (carrier, delivery) => this.#twoWay.inbound.receive(carrier, delivery),
      countReceipt: (carrier, state) => metrics.receipt(carrier, state),
      countDropped: (carrier) => metrics.dropped(carrier),
    });
    const parked = new Parked({
      pool,
      profiles,
      carrierNumbers,
      record: (receipt) => this.#progress.recordReceipt(receipt),
    });
    this.pollers = [
      new Poller("the matching of parked receipts", POLL_MS, log, () => parked.match()),
      new Poller("the sweep of what expired in the store", SLOW_POLL_MS, log, async () => {
        return (await this.#ends.expire(STEP)) === STEP;
      }),
      new Poller("the sweep for lost receipts", SLOW_POLL_MS, log, () => this.#sweepReceipts()),
      ...this.#twoWay.jobs,
    ];
    this.groupCommits = [this.#progress];
  }

  /** Handsets that must not be sent to. */
  get optOuts(): TwoWay["optOuts"] {
    return this.#twoWay.optOuts;
  }

  /** Calls `done` after the commit; with false if the message was no longer this node's. */
  pushOutcome(outcome: SubmitOutcome, done: (recorded: boolean | Error) => void): void {
    this.#progress.pushOutcome(outcome, done);
  }

  /** A handset has opted out at another program. */
  refreshOptOuts(): void {
    this.#twoWay.refreshOptOuts.wake();
  }

  async prepare(): Promise<void> {
    await this.optOuts.refresh();
  }

  async drain(leftMs: () => number): Promise<void> {
    await withLimit(Promise.all([this.#progress.drain(), this.#twoWay.inbound.drain()]), leftMs());
  }

  abort(): void {
    this.#progress.abort();
  }

  retune({ config, carrierNumbers }: Reloaded): void {
    for (const [id, carrier] of carrierNumbers) this.#carrierNumbers.set(id, carrier);
    // Profiles of removed carriers stay: their last receipts come while they are closed.
    for (const [id, profile] of receiptProfiles(config, SIMULATOR_RECEIPTS, this.#carrierNumbers)) {
      this.#profiles.set(id, profile);
    }
    this.#twoWay.retune(config.senders);
  }

  /** Fails submitted messages whose time for a receipt is over. */
  async #sweepReceipts(): Promise<boolean> {
    const { pool, config, clock, metrics } = this.#options;
    const { validity, receiptMargin } = config.messages;
    const bound = firstIdAt(clock.now() - (validity + receiptMargin) * 1_000);
    const usual = await usualLostReceipts(pool, bound, receiptMargin, STEP);
    const lost = [...usual.lost, ...(await ownLostReceipts(pool, receiptMargin, STEP))];
    if (lost.length > 0) {
      metrics.lostReceipts(lost.length);
      await this.#ends.finish(
        lost.map(({ id, code, fallback }) => ({ id, state: FAILED, code: code ?? NO_RECEIPT, fallback })),
      );
      this.#ends.wakeFallenBack();
    }
    await keepSweep(pool, usual.until);
    return usual.more;
  }
}
