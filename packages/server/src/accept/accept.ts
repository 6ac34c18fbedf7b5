import type { Pool } from "pg";
import { Batcher } from "../runtime/batcher.ts";
import { Rejected } from "../runtime/errors.ts";
import type { WaitingMessage } from "../store/claim-messages.ts";
import { type Database, transaction } from "../store/database.ts";
import { isTransientDatabaseError } from "../store/errors.ts";
import { insertBatches, type NewBatch } from "../store/insert-batches.ts";
import { insertMessages, type NewMessage } from "../store/insert-messages.ts";
import { findUsedIds, type GivenId, releaseGivenIds, reserveGivenIds } from "../store/reserve-given-ids.ts";

/** One request, validated, as it is to be stored: whole or not at all. */
export interface Acceptance {
  accountId: number;
  /** Null for messages that are batches of their own. */
  batch: NewBatch | null;
  messages: NewMessage[];
  givenIds: GivenId[];
}

/** The way to the worker that sends what is accepted here. */
export interface HandOver {
  /** A worker that takes up to `count` messages in memory, and how many of them; worker 0 takes none. */
  offer(count: number): { worker: number; count: number };
  /** Hands over what was committed under that worker's lease. */
  send(messages: readonly WaitingMessage[]): void;
  /** Says that there is more in the store than was handed over. */
  wake(): void;
}

/** Rows in one flush, and in one statement of a large batch. */
const ROWS = 2_000;

/**
 * Accept: what is answered with 200 is committed. Requests that come together are committed together; a batch beyond
 * one flush has a transaction of its own, so that it holds nobody up.
 */
export class Acceptor {
  readonly #pool: Pool;
  readonly #handOver: HandOver;
  readonly #line: Batcher<Acceptance, undefined>;

  constructor(pool: Pool, handOver: HandOver) {
    this.#pool = pool;
    this.#handOver = handOver;
    this.#line = new Batcher<Acceptance, undefined>({
      maxWeight: ROWS,
      maxInFlight: 1,
      weightOf: (acceptance) => acceptance.messages.length,
      isCommonFault: isTransientDatabaseError,
      flush: (acceptances) => this.#flush(acceptances),
    });
  }

  /**
   * Resolves once it is committed and handed over.
   * @throws Rejected `identifier-used`, or `store-unavailable` when the store is out of reach
   */
  async accept(acceptance: Acceptance): Promise<void> {
    try {
      if (acceptance.messages.length <= ROWS) return await this.#line.add(acceptance);
      const [result] = await this.#flush([acceptance]);
      if (result instanceof Error) throw result;
    } catch (error) {
      if (!isTransientDatabaseError(error)) throw error;
      throw new Rejected("store-unavailable", "The store is out of reach; nothing of this request is promised.", [], 1);
    }
  }

  /**
   * Stores nothing; says what `accept` would say as things stand.
   * @throws Rejected `identifier-used`
   */
  async check({ givenIds }: Acceptance): Promise<void> {
    const used = givenIds.length === 0 ? new Set() : await findUsedIds(this.#pool, givenIds);
    if (used.size > 0) throw identifierUsed(givenIds.filter(({ id }) => used.has(id)));
  }

  drain(): Promise<void> {
    return this.#line.drain();
  }

  async #flush(acceptances: readonly Acceptance[]): Promise<(undefined | Error)[]> {
    const messages = acceptances.flatMap((acceptance) => acceptance.messages);
    const offer = this.#handOver.offer(messages.length);
    for (let index = 0; index < offer.count; index++) messages[index]!.leasedBy = offer.worker;
    const plain = acceptances.every(({ batch, givenIds }) => batch === null && givenIds.length === 0);
    if (plain && messages.length <= ROWS) {
      await insertMessages(this.#pool, messages);
      this.#pass(acceptances, messages.length - offer.count);
      return acceptances.map(() => undefined);
    }
    const refused = await transaction(this.#pool, (client) => store(client, acceptances));
    this.#pass(
      acceptances.filter((acceptance) => !refused.has(acceptance)),
      messages.length - offer.count,
    );
    return acceptances.map((acceptance) => refused.get(acceptance));
  }

  #pass(acceptances: readonly Acceptance[], left: number): void {
    const leased: WaitingMessage[] = [];
    for (const { batch, messages } of acceptances) {
      for (const message of messages) {
        if (message.leasedBy === 0) continue;
        const { id, accountId, destination, parts, expiresAt } = message;
        const sender = message.sender ?? (batch as NewBatch).sender;
        const body = message.body ?? (batch as NewBatch).body;
        leased.push({ id, accountId, destination, sender, body, parts, expiresAt });
      }
    }
    if (leased.length > 0) this.#handOver.send(leased);
    if (left > 0) this.#handOver.wake();
  }
}

/** Stores what it can; answers what it refused, with the reason. */
async function store(db: Database, acceptances: readonly Acceptance[]): Promise<Map<Acceptance, Error>> {
  const refused = await reserveIds(db, acceptances);
  const kept = acceptances.filter((acceptance) => !refused.has(acceptance));
  const batches = kept.flatMap(({ batch }) => batch ?? []);
  if (batches.length > 0) await insertBatches(db, batches);
  const messages = kept.flatMap((acceptance) => acceptance.messages);
  for (let from = 0; from < messages.length; from += ROWS) await insertMessages(db, messages.slice(from, from + ROWS));
  return refused;
}

/**
 * Takes the identifiers that callers gave; answers the requests that are refused for theirs. What clashed only with a
 * request that is refused itself, and whose identifiers are given back, has another go.
 */
async function reserveIds(db: Database, acceptances: readonly Acceptance[]): Promise<Map<Acceptance, Error>> {
  const refused = new Map<Acceptance, Error>();
  let open = acceptances.filter(({ givenIds }) => givenIds.length > 0);
  while (open.length > 0) {
    const used = await reserveGivenIds(
      db,
      open.flatMap(({ givenIds }) => givenIds),
    );
    const clashing = open.filter(({ givenIds }) => givenIds.some(({ id }) => used.has(id)));
    const undone = clashing.flatMap(({ givenIds }) => givenIds.filter(({ id }) => !used.has(id)));
    if (undone.length > 0) await releaseGivenIds(db, undone);
    const free = new Set(undone.map(nameOf));
    open = [];
    for (const acceptance of clashing) {
      const clashes = acceptance.givenIds.filter(({ id }) => used.has(id));
      if (clashes.every((clash) => free.has(nameOf(clash)))) open.push(acceptance);
      else refused.set(acceptance, identifierUsed(clashes));
    }
  }
  return refused;
}

function nameOf({ accountId, given }: GivenId): string {
  return `${accountId} ${given}`;
}

function identifierUsed(clashes: readonly GivenId[]): Rejected {
  const names = clashes.map(({ given }) => given).join(", ");
  return new Rejected("identifier-used", `Used before by this account: ${names}.`);
}
