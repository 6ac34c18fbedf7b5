import type { Pool } from "pg";
import { NumberTaken, Rejected } from "../runtime/errors.ts";
import { GroupCommit } from "../runtime/group-commit.ts";
import type { IdempotentRequest } from "../store/accounts/idempotency-keys.ts";
import { transaction } from "../store/database.ts";
import { isTransientDatabaseError } from "../store/errors.ts";
import { type BundleText, insertPlainBundle } from "../store/messages/bundles.ts";
import type { NewBatch } from "../store/messages/insert-batches.ts";
import { insertChargedBundles, insertChargedMessages } from "../store/messages/insert-charged-messages.ts";
import { insertPlainMessages, type NewMessage } from "../store/messages/insert-messages.ts";
import type { WaitingMessage } from "../store/messages/waiting-message.ts";
import { COMMITS_HELD, type StoreWatch } from "../store/watch.ts";
import type { Acceptance } from "./acceptance.ts";
import { chargesByAccount } from "./price.ts";
import type { SharedPool } from "./shared-pool.ts";
import { Earlier, NumbersTaken, preview, storeAcceptances, storeLarge } from "./transactional.ts";

/** How many messages a node takes into its memory; node 0 takes none. */
export interface Offer {
  node: number;
  count: number;
  /** Epoch milliseconds. */
  at: number;
}

/** The way to the node that sends the messages accepted here. */
export interface HandOff {
  /** A node for up to `count` messages. */
  offer(count: number): Offer;
  /** Hands over messages that were committed under the lease of the offer's node. */
  send(offer: Offer, messages: readonly WaitingMessage[]): void;
  /** The same for a bundle. */
  sendBundle(offer: Offer, bundle: BundleText): void;
  /** Says that the store has more messages than were handed off. */
  wake(): void;
}

/** Most rows of one flush; a larger request has a transaction of its own, so that nobody waits for it. */
const ROWS = 2_000;
/** Messages in one bundle of a batch: the portion that a node takes of an account at a time. */
const BUNDLE = 500;

/** Null: it is stored now. A text: it was stored before, and this was the answer. */
type Stored = string | null;
/** Undefined: this group does not store it, or not yet. */
type Group = GroupCommit<Acceptance, Stored | undefined>;
type Flush = (acceptances: readonly Acceptance[]) => Promise<(Stored | undefined | Error)[]>;

/**
 * Commits requests before they are answered with 200. Requests that come together are committed together, in three groups:
 * one statement for messages without names or channels, one that also charges their accounts if they are priced, and a
 * transaction for all others. A request that the first two find to be of another kind goes on to the third.
 */
export class Acceptor {
  readonly #pool: Pool;
  readonly #watch: Pick<StoreWatch, "mustTake" | "held">;
  readonly #handOff: HandOff;
  readonly #sharedPool: Pick<SharedPool, "lock">;
  readonly #inBundles: boolean;
  readonly #onAccepted: (messages: number) => void;
  readonly #plain: Group;
  readonly #priced: Group;
  readonly #transactional: Group;
  /** Requests with an idempotency key that are under way in this process, by account and key. */
  readonly #underWay = new Map<string, { request: IdempotentRequest; done: Promise<Stored> }>();

  /**
   * @param inBundles whether the sending nodes take bundles; else each message has a row from the beginning
   * @param onAccepted called with messages after their commit
   */
  constructor(
    pool: Pool,
    handOff: HandOff,
    store: Pick<StoreWatch, "mustCommit" | "mustTake" | "held">,
    sharedPool: Pick<SharedPool, "lock">,
    inBundles: boolean,
    onAccepted: (messages: number) => void = () => {},
  ) {
    this.#onAccepted = onAccepted;
    this.#sharedPool = sharedPool;
    this.#inBundles = inBundles;
    this.#watch = store;
    this.#pool = pool;
    this.#handOff = handOff;
    const group = (flush: Flush, maxInFlight = 1): Group => {
      return new GroupCommit({
        maxWeight: ROWS,
        maxInFlight,
        weightOf: ({ messages, pending }) => messages.length + pending.length,
        isCommonFault: (error) => error instanceof Rejected || isTransientDatabaseError(error),
        flush: async (acceptances) => {
          // A request that waited for the flush before it has waited long enough.
          store.mustCommit();
          return flush(acceptances);
        },
      });
    };
    // The next flush is written while one is committed: 5 % more messages a second at no more CPU time each.
    this.#plain = group((acceptances) => this.#flushPlain(acceptances), 2);
    this.#priced = group((acceptances) => this.#flushPriced(acceptances));
    this.#transactional = group((acceptances) => this.#flushTransactional(acceptances));
  }

  /**
   * Resolves once the request is committed and handed off: with null, or with the earlier answer of the same request under
   * the same idempotency key.
   * @throws Rejected `identifier-used`, `idempotency-key-used`, `credits-short`, or `store-unavailable` while the store is
   * out of reach or its disk nearly full; AccountDeactivated; NumberTaken if it locks numbers of the shared pool
   */
  async accept(acceptance: Acceptance): Promise<Stored> {
    this.#watch.mustTake();
    try {
      return await (acceptance.idempotency === null
        ? this.#store(acceptance)
        : this.#storeOnce(acceptance, acceptance.idempotency));
    } catch (error) {
      if (!isTransientDatabaseError(error)) throw error;
      const why = this.#watch.held ? COMMITS_HELD : "The store is out of reach";
      throw new Rejected("store-unavailable", `${why}; nothing of this request is promised.`, [], 1);
    }
  }

  /** Stores nothing; resolves and throws as `accept` would at this moment. */
  async check(acceptance: Acceptance): Promise<Stored> {
    const result = await preview(this.#pool, acceptance);
    if (result instanceof Error) throw result;
    return result;
  }

  async drain(): Promise<void> {
    await Promise.all([this.#plain.drain(), this.#priced.drain(), this.#transactional.drain()]);
  }

  /** The same request shares the fate of the first while that is under way; another one under the same key waits for it. */
  async #storeOnce(acceptance: Acceptance, request: IdempotentRequest): Promise<Stored> {
    const name = `${request.accountId} ${request.key}`;
    for (let first = this.#underWay.get(name); first !== undefined; first = this.#underWay.get(name)) {
      if (first.request.fingerprint.equals(request.fingerprint)) return (await first.done) ?? first.request.answer;
      await first.done.catch(() => {});
    }
    const done = this.#store(acceptance).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, { request, done });
    return done;
  }

  async #store(acceptance: Acceptance): Promise<Stored> {
    const { batch, messages, pending, givenIds, idempotency, priced, sharedLocks } = acceptance;
    if (messages.length > ROWS) return this.#storeLarge(acceptance);
    const named =
      batch !== null || pending.length > 0 || givenIds.length > 0 || idempotency !== null || sharedLocks !== null;
    const plain = !named && messages.every(({ plan, coded }) => plan === undefined && coded === undefined);
    const group = plain ? (priced ? this.#priced : this.#plain) : this.#transactional;
    let stored = await group.add(acceptance);
    while (stored === undefined) stored = await this.#transactional.add(acceptance);
    if (stored === null) this.#onAccepted(messages.length + pending.reduce((sum, { total }) => sum + total, 0));
    return stored;
  }

  async #flushPlain(acceptances: readonly Acceptance[]): Promise<(null | undefined)[]> {
    const accountIds = [...new Set(acceptances.map(({ accountId }) => accountId))];
    const { messages, offer, whole } = this.#offered(acceptances);
    if (whole) {
      const bundle = await insertPlainBundle(this.#pool, { node: offer.node, accountId: 0, messages }, accountIds);
      if (bundle === null) return acceptances.map(() => undefined);
      this.#handOff.sendBundle(offer, bundle);
      return acceptances.map(() => null);
    }
    this.#lease(acceptances, offer);
    if (!(await insertPlainMessages(this.#pool, messages, accountIds))) return acceptances.map(() => undefined);
    this.#pass(offer, acceptances);
    return acceptances.map(() => null);
  }

  async #flushPriced(acceptances: readonly Acceptance[]): Promise<(null | undefined)[]> {
    const { messages, offer, whole } = this.#offered(acceptances);
    const charges = chargesByAccount(messages);
    if (whole) {
      const byAccount = new Map<number, NewMessage[]>(acceptances.map(({ accountId }) => [accountId, []]));
      for (const message of messages) byAccount.get(message.accountId)?.push(message);
      const bundles = await insertChargedBundles(this.#pool, byAccount, offer.node, charges);
      for (const bundle of bundles.values()) this.#handOff.sendBundle(offer, bundle);
      return acceptances.map(({ accountId }) => (bundles.has(accountId) ? null : undefined));
    }
    this.#lease(acceptances, offer);
    const charged = await insertChargedMessages(this.#pool, messages, charges);
    this.#pass(
      offer,
      acceptances.filter(({ accountId }) => charged.has(accountId)),
    );
    return acceptances.map(({ accountId }) => (charged.has(accountId) ? null : undefined));
  }

  async #flushTransactional(acceptances: readonly Acceptance[]): Promise<(Stored | undefined | Error)[]> {
    const { offer } = this.#offered(acceptances);
    this.#lease(acceptances, offer);
    const stored = await transaction(this.#pool, (client) =>
      storeAcceptances(client, acceptances, this.#sharedPool),
    ).catch((error: unknown) => {
      if (error instanceof NumbersTaken) return error;
      throw error;
    });
    if (stored instanceof NumbersTaken) return this.#flushWithout(acceptances, stored.requests);
    const { unstored, again } = stored;
    this.#pass(
      offer,
      acceptances.filter((acceptance) => !unstored.has(acceptance)),
    );
    return acceptances.map((acceptance) => (again.has(acceptance) ? undefined : (unstored.get(acceptance) ?? null)));
  }

  /** The flush once more, without those whose numbers were taken. */
  async #flushWithout(
    acceptances: readonly Acceptance[],
    taken: ReadonlySet<Acceptance>,
  ): Promise<(Stored | undefined | Error)[]> {
    const left = acceptances.filter((acceptance) => !taken.has(acceptance));
    const stored = left.length === 0 ? [] : await this.#flushTransactional(left);
    const results = new Map(left.map((acceptance, index) => [acceptance, stored[index]]));
    return acceptances.map((acceptance) =>
      taken.has(acceptance) ? new NumberTaken("Somebody was quicker.") : results.get(acceptance),
    );
  }

  async #storeLarge(acceptance: Acceptance): Promise<Stored> {
    // Before its rows are written, which takes the time.
    const result = await preview(this.#pool, acceptance);
    if (result instanceof Error) throw result;
    if (result !== null) return result;
    const { offer } = this.#offered([acceptance]);
    this.#lease([acceptance], offer);
    try {
      await transaction(this.#pool, (client) => storeLarge(client, acceptance));
    } catch (error) {
      if (error instanceof Earlier) return error.answer;
      throw error;
    }
    this.#pass(offer, [acceptance]);
    this.#onAccepted(acceptance.messages.length);
    return null;
  }

  /** All messages, and the number that the sending node takes; `whole` if they can be one bundle in its memory. */
  #offered(acceptances: readonly Acceptance[]): { messages: NewMessage[]; offer: Offer; whole: boolean } {
    const messages = acceptances.flatMap((acceptance) => acceptance.messages);
    const offer = this.#handOff.offer(messages.length);
    return { messages, offer, whole: this.#inBundles && offer.count === messages.length };
  }

  /** Leases as many messages as the sending node takes to it, those of batches in whole bundles. */
  #lease(acceptances: readonly Acceptance[], offer: Offer): void {
    let room = offer.count;
    const leaser = (count: number): number => {
      if (count > room) return 0;
      room -= count;
      return offer.node;
    };
    for (const acceptance of acceptances) {
      const { batch, messages, accountId } = acceptance;
      acceptance.bundles = [];
      if (batch === null || !this.#inBundles || messages[0]?.plan !== undefined) {
        for (const message of messages) message.leasedBy = leaser(1);
        continue;
      }
      for (let from = 0; from < messages.length; from += BUNDLE) {
        const some = messages.slice(from, from + BUNDLE);
        acceptance.bundles.push({ node: leaser(some.length), accountId, messages: some, text: null });
      }
    }
  }

  /** Hands over committed messages. */
  #pass(offer: Offer, acceptances: readonly Acceptance[]): void {
    const leased: WaitingMessage[] = [];
    let left = 0;
    for (const { batch, messages, bundles } of acceptances) {
      for (const { text } of bundles) {
        if (text === null) left++;
        else this.#handOff.sendBundle(offer, text);
      }
      if (bundles.length > 0) continue;
      for (const message of messages) {
        if (message.leasedBy === 0) {
          left++;
          continue;
        }
        const { id, accountId, destination, parts, expiresAt } = message;
        const sender = message.sender ?? (batch as NewBatch).sender;
        const body = message.body ?? (batch as NewBatch).body;
        const waiting: WaitingMessage = { id, accountId, destination, sender, body, parts, expiresAt };
        if (message.plan !== undefined) waiting.plan = message.plan;
        if (message.tlvs !== undefined) waiting.tlvs = message.tlvs;
        if (message.coded !== undefined) waiting.coded = message.coded;
        if (message.rich !== undefined || batch?.rich !== undefined) waiting.rich = true;
        leased.push(waiting);
      }
    }
    if (leased.length > 0) this.#handOff.send(offer, leased);
    if (left > 0) this.#handOff.wake();
  }
}
