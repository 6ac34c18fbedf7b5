import type { Pool } from "pg";
import type { Notifier } from "../notify/notifier.ts";
import { WebhookClaims } from "../notify/webhook-claims.ts";
import type { Sender } from "../send/sender.ts";
import { claimMessages, releaseMessages } from "../store/messages/claim-messages.ts";
import { claimLots, messagesOfClaimed, spillWaitingLots } from "../store/messages/lots.ts";
import { releasePending } from "../store/messages/release-pending.ts";
import { setAsideLots } from "../store/messages/unreadable-lots.ts";
import type { StoreWatch } from "../store/watch.ts";

/** Messages in memory: most of a second's worth at full speed, about 1 KiB each. What is beyond waits in the table. */
const MOST_MESSAGES = 8_000;
/** What is claimed again while it is still in hand is looked at so much later. */
const AGAIN_MS = 500;
const CLAIM = { perAccount: 500, most: 2_000 };
/** Of what falls due: messages of one account at a time, and those in memory at which no more are taken. */
const RELEASE = { perAccount: 2_000, inHand: 4_000 };

export interface ClaimsOptions {
  pool: Pool;
  store: StoreWatch;
  sender: Sender;
  notifier: Notifier;
  worker(): number;
  holdsLease(): boolean;
  /** Else messages are taken only once each has a row. */
  takesLots: boolean;
}

/**
 * Takes what waits in the store into the hands that have room for it. Each answers whether there may be more. What was
 * claimed under a number that was given up meanwhile is nobody's.
 */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #webhooks: WebhookClaims;
  #backlog = false;
  #moreDue = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#webhooks = new WebhookClaims(options);
  }

  /** Whether there is room for messages that are known to wait. */
  get wantsMessages(): boolean {
    return this.#backlog && this.#options.sender.inHand < MOST_MESSAGES / 2;
  }

  get wantsDue(): boolean {
    return this.#moreDue && this.#options.sender.inHand < RELEASE.inHand / 2;
  }

  async takeMessages(): Promise<boolean> {
    const { pool, sender, holdsLease, takesLots } = this.#options;
    const room = MOST_MESSAGES - sender.inHand;
    this.#backlog = true;
    if (room < CLAIM.perAccount || !holdsLease()) return false;
    const worker = this.#options.worker();
    const most = Math.min(CLAIM.most, room);
    if (!takesLots) await spillWaitingLots(pool);
    // What has a row has waited for longer.
    const messages = await claimMessages(pool, worker, CLAIM.perAccount, most);
    if (worker !== this.#options.worker()) return true;
    const inHand = sender.take(messages);
    if (inHand.length > 0) await releaseMessages(pool, inHand, worker, AGAIN_MS);
    const lots = !takesLots
      ? []
      : await claimLots(pool, worker, Math.floor((most - messages.length) / CLAIM.perAccount));
    if (worker !== this.#options.worker()) return true;
    const unreadable: string[] = [];
    for (const lot of lots) {
      const lotMessages = messagesOfClaimed(lot);
      if (lotMessages === null) unreadable.push(lot.id);
      else sender.take(lotMessages);
    }
    if (unreadable.length > 0) await setAsideLots(pool, unreadable);
    this.#backlog = messages.length >= CLAIM.perAccount || lots.length > 0;
    return this.#backlog;
  }

  /**
   * What falls due comes into memory in small portions: what is accepted meanwhile does not wait behind it. Where the
   * disk is nearly full it waits: like what is accepted, it is what fills it.
   */
  async takeDue(): Promise<boolean> {
    const { pool, store, sender, holdsLease } = this.#options;
    const room = RELEASE.inHand - sender.inHand;
    if (room < RELEASE.perAccount || !holdsLease() || store.full) return false;
    const worker = this.#options.worker();
    const due = await releasePending(pool, worker, RELEASE.perAccount, room);
    if (worker !== this.#options.worker()) return true;
    this.#moreDue = due.length >= RELEASE.perAccount;
    sender.take(due);
    return this.#moreDue;
  }

  takeWebhooks(): Promise<boolean> {
    return this.#webhooks.take();
  }
}
