import type { Pool } from "pg";
import type { Sender } from "../send/sender.ts";
import { claimBundles, materializeWaitingBundles, messagesOfClaimed } from "../store/messages/bundles.ts";
import { claimMessages, releaseMessages } from "../store/messages/claim-messages.ts";
import { releasePending } from "../store/messages/release-pending.ts";
import { setAsideBundles } from "../store/messages/unreadable-bundles.ts";
import type { StoreWatch } from "../store/watch.ts";

/** Most messages in memory: most of a second's worth at full speed, about 1 KiB each. Further ones wait in the table. */
const MOST_MESSAGES = 8_000;
/** How long until a row that was claimed while still in memory is looked at again, in ms. */
const AGAIN_MS = 500;
const CLAIM = { perAccount: 500, most: 2_000 };
/** Of due batches: most messages of one account at a time, and the number in memory at which no more are taken. */
const RELEASE = { perAccount: 2_000, buffered: 4_000 };

export interface MessageClaimsOptions {
  pool: Pool;
  store: StoreWatch;
  sender: Sender;
  node(): number;
  holdsLease(): boolean;
  /** Otherwise messages are taken only once each has a row. */
  takesBundles: boolean;
}

/**
 * Takes waiting messages from the store into the sender's memory, as far as it has room. Each method returns whether there may
 * be more. Messages that were claimed under a number that was given up meanwhile are nobody's.
 */
export class MessageClaims {
  readonly #options: MessageClaimsOptions;
  #backlog = false;
  #moreDue = false;

  constructor(options: MessageClaimsOptions) {
    this.#options = options;
  }

  /** Whether there is room for messages that are known to wait. */
  get wantsMessages(): boolean {
    return this.#backlog && this.#options.sender.buffered < MOST_MESSAGES / 2;
  }

  get wantsDue(): boolean {
    return this.#moreDue && this.#options.sender.buffered < RELEASE.buffered / 2;
  }

  async take(): Promise<boolean> {
    const { pool, sender, holdsLease, takesBundles } = this.#options;
    const room = MOST_MESSAGES - sender.buffered;
    this.#backlog = true;
    if (room < CLAIM.perAccount || !holdsLease()) return false;
    const node = this.#options.node();
    const most = Math.min(CLAIM.most, room);
    if (!takesBundles) await materializeWaitingBundles(pool);
    // Messages with rows have waited longer.
    const messages = await claimMessages(pool, node, CLAIM.perAccount, most);
    if (node !== this.#options.node()) return true;
    const buffered = sender.take(messages);
    if (buffered.length > 0) await releaseMessages(pool, buffered, node, AGAIN_MS);
    const bundles = !takesBundles
      ? []
      : await claimBundles(pool, node, Math.floor((most - messages.length) / CLAIM.perAccount));
    if (node !== this.#options.node()) return true;
    const unreadable: string[] = [];
    for (const bundle of bundles) {
      const bundleMessages = messagesOfClaimed(bundle);
      if (bundleMessages === null) unreadable.push(bundle.id);
      else sender.take(bundleMessages);
    }
    if (unreadable.length > 0) await setAsideBundles(pool, unreadable);
    this.#backlog = messages.length >= CLAIM.perAccount || bundles.length > 0;
    return this.#backlog;
  }

  /**
   * Due batches come into memory in small portions, so that new messages do not wait behind them. With the disk nearly full they
   * wait: they would fill it like new messages.
   */
  async takeDue(): Promise<boolean> {
    const { pool, store, sender, holdsLease } = this.#options;
    const room = RELEASE.buffered - sender.buffered;
    if (room < RELEASE.perAccount || !holdsLease() || store.full) return false;
    const node = this.#options.node();
    const due = await releasePending(pool, node, RELEASE.perAccount, room);
    if (node !== this.#options.node()) return true;
    this.#moreDue = due.length >= RELEASE.perAccount;
    sender.take(due);
    return this.#moreDue;
  }
}
