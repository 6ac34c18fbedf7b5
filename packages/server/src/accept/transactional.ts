import { Rejected } from "../runtime/errors.ts";
import { type AccountState, lockAccountStates, readAccountStates } from "../store/accounts/account-states.ts";
import { chargeAccounts } from "../store/accounts/charge-accounts.ts";
import {
  findIdempotentRequests,
  type IdempotentRequest,
  releaseIdempotencyKeys,
  takeIdempotencyKeys,
} from "../store/accounts/idempotency-keys.ts";
import type { Database } from "../store/database.ts";
import { insertBundle } from "../store/messages/bundles.ts";
import { insertBatches, type NewBatch } from "../store/messages/insert-batches.ts";
import { insertMessages, insertPlannedMessages, type NewMessage } from "../store/messages/insert-messages.ts";
import { insertPendingBatches } from "../store/messages/pending-batches.ts";
import { findUsedIds, type GivenId, releaseGivenIds, reserveGivenIds } from "../store/messages/reserve-given-ids.ts";
import { countAccepted } from "../store/stats/accepted.ts";
import type { Acceptance } from "./acceptance.ts";
import { price } from "./price.ts";
import type { SharedPool } from "./shared-pool.ts";

/** Rows in one statement. */
const ROWS = 2_000;

/** The result of a request that is not stored now: its earlier answer, or the reason for the refusal. */
export type Unstored = string | Error;
type UnstoredByRequest = Map<Acceptance, Unstored>;

export interface Reserved {
  /** For the requests that are not stored now. */
  unstored: UnstoredByRequest;
  /** Requests to try again: they clashed with identifiers that another request has given back since. */
  again: Set<Acceptance>;
}

/** Requests whose numbers of the shared pool another request has locked; thrown to roll back the rows stored meanwhile. */
export class NumbersTaken extends Error {
  override readonly name = "NumbersTaken";
  readonly requests: ReadonlySet<Acceptance>;

  constructor(requests: ReadonlySet<Acceptance>) {
    super("Numbers were locked first by others.");
    this.requests = requests;
  }
}

/**
 * Stores all requests that may be stored, in one transaction: each whole or not at all.
 * @param sharedPool locks their numbers
 * @throws NumbersTaken
 */
export async function storeAcceptances(
  db: Database,
  acceptances: readonly Acceptance[],
  sharedPool: Pick<SharedPool, "lock">,
): Promise<Reserved> {
  const reserved = await reserve(db, acceptances);
  const stored = acceptances.filter((acceptance) => !reserved.unstored.has(acceptance));
  await lockNumbers(db, stored, sharedPool);
  await insertRows(db, stored);
  return reserved;
}

/**
 * Stores a large request: its rows first, which takes a while, and then the identifiers and the account, for which others
 * may wait. Throws the reason of a refusal, to roll everything back.
 */
export async function storeLarge(db: Database, acceptance: Acceptance): Promise<void> {
  await insertRows(db, [acceptance]);
  const { unstored } = await reserve(db, [acceptance]);
  const result = unstored.get(acceptance);
  if (result !== undefined) throw result instanceof Error ? result : new Earlier(result);
}

/** The request was done before; thrown to roll back the rows that were stored again. */
export class Earlier extends Error {
  override readonly name = "Earlier";
  readonly answer: string;

  constructor(answer: string) {
    super("The request was done before.");
    this.answer = answer;
  }
}

/** The result of `storeAcceptances` at this moment; null if it would store the request. */
export async function preview(db: Database, acceptance: Acceptance): Promise<Unstored | null> {
  const { idempotency, givenIds, accountId } = acceptance;
  if (idempotency !== null) {
    const [done] = await findIdempotentRequests(db, [idempotency]);
    if (done !== undefined) return repeated(idempotency, done);
  }
  const used = givenIds.length === 0 ? new Set() : await findUsedIds(db, givenIds);
  if (used.size > 0) return identifierUsed(givenIds.filter(({ id }) => used.has(id)));
  return price([acceptance], await readAccountStates(db, [accountId])).refused.get(acceptance) ?? null;
}

async function insertRows(db: Database, acceptances: readonly Acceptance[]): Promise<void> {
  const pending = acceptances.flatMap((acceptance) => acceptance.pending);
  const batches = [...acceptances.flatMap(({ batch }) => batch ?? []), ...pending.map(({ batch }) => batch)];
  if (batches.length > 0) await insertBatches(db, batches);
  if (pending.length > 0) await insertPendingBatches(db, pending);
  for (const { batch, bundles } of acceptances) {
    for (const bundle of bundles) {
      const text = await insertBundle(db, bundle, batch as NewBatch);
      if (bundle.node !== 0) bundle.text = text;
    }
  }
  const messages = acceptances.flatMap(({ messages, bundles }) => (bundles.length > 0 ? [] : messages));
  const isUsual = ({ plan, coded }: NewMessage) => plan === undefined && coded === undefined;
  const usual = messages.filter(isUsual);
  const planned = messages.filter((message) => !isUsual(message));
  for (let from = 0; from < usual.length; from += ROWS) await insertMessages(db, usual.slice(from, from + ROWS));
  for (let from = 0; from < planned.length; from += ROWS) {
    await insertPlannedMessages(db, planned.slice(from, from + ROWS));
  }
  const accepted = acceptances.flatMap((acceptance) => acceptance.messages);
  for (let from = 0; from < accepted.length; from += ROWS) await countAccepted(db, accepted.slice(from, from + ROWS));
}

/** After the accounts: all transactions that lock both keep this order. */
async function lockNumbers(
  db: Database,
  acceptances: readonly Acceptance[],
  sharedPool: Pick<SharedPool, "lock">,
): Promise<void> {
  const locking = acceptances.flatMap((request) => (request.sharedLocks ?? []).map((lock) => ({ request, lock })));
  if (locking.length === 0) return;
  const made = await sharedPool.lock(
    db,
    locking.map(({ lock }) => lock),
  );
  const locked = new Set(locking.filter((_, index) => made[index] !== true).map(({ request }) => request));
  if (locked.size > 0) throw new NumbersTaken(locked);
}

/**
 * Reserves idempotency keys, identifiers and accounts for the requests, always in this order, so that no two transactions
 * wait for each other.
 */
async function reserve(db: Database, acceptances: readonly Acceptance[]): Promise<Reserved> {
  const unstored: UnstoredByRequest = await takeKeys(db, acceptances);
  const open = () => acceptances.filter((acceptance) => !unstored.has(acceptance));
  const clashing = await reserveIds(db, open());
  for (const [acceptance, clashes] of clashing) unstored.set(acceptance, identifierUsed(clashes));
  const paying = open();
  const { refused, charges } = price(paying, await accountStates(db, paying));
  for (const [acceptance, error] of refused) unstored.set(acceptance, error);
  const keys = [...clashing.keys(), ...refused.keys()].flatMap(({ idempotency }) => idempotency ?? []);
  if (keys.length > 0) await releaseIdempotencyKeys(db, keys);
  const ids = [...refused.keys()].flatMap(({ givenIds }) => givenIds);
  if (ids.length > 0) await releaseGivenIds(db, ids);
  if (charges.length > 0) await chargeAccounts(db, charges);
  const charged = new Set(charges.map(({ accountId }) => accountId));
  for (const { accountId, pending } of paying) {
    if (!charged.has(accountId)) for (const batch of pending) batch.cost = 0;
  }
  const free = new Set(ids.map(givenName));
  const again = [...clashing].filter(([, clashes]) => clashes.every((clash) => free.has(givenName(clash))));
  return { unstored, again: new Set(again.map(([acceptance]) => acceptance)) };
}

/** Locked if they are charged, or if a deactivation must not miss a scheduled batch. */
async function accountStates(db: Database, acceptances: readonly Acceptance[]): Promise<Map<number, AccountState>> {
  const ids = [...new Set(acceptances.map(({ accountId }) => accountId))];
  const locked = acceptances.some(({ priced, pending }) => priced || pending.length > 0);
  const states = await (locked ? lockAccountStates(db, ids) : readAccountStates(db, ids));
  if (locked || ![...states.values()].some(({ priced }) => priced)) return states;
  return lockAccountStates(db, ids);
}

/** Takes the idempotency keys of the requests; returns those that were done before or differ from the first. */
async function takeKeys(db: Database, acceptances: readonly Acceptance[]): Promise<UnstoredByRequest> {
  const unstored: UnstoredByRequest = new Map();
  const wanted = acceptances.filter(({ idempotency }) => idempotency !== null);
  if (wanted.length === 0) return unstored;
  const requests = wanted.map(({ idempotency }) => idempotency as IdempotentRequest);
  const reserved = new Set((await takeIdempotencyKeys(db, requests)).map(nameOf));
  const used = requests.filter((request) => !reserved.has(nameOf(request)));
  if (used.length === 0) return unstored;
  const done = new Map((await findIdempotentRequests(db, used)).map((request) => [nameOf(request), request]));
  for (const acceptance of wanted) {
    const request = acceptance.idempotency as IdempotentRequest;
    if (reserved.has(nameOf(request))) continue;
    const earlier = done.get(nameOf(request));
    if (earlier !== undefined) unstored.set(acceptance, repeated(request, earlier));
    else unstored.set(acceptance, new Rejected("store-unavailable", "The idempotency key has just expired.", [], 1));
  }
  return unstored;
}

function repeated({ key, fingerprint }: IdempotentRequest, earlier: IdempotentRequest): Unstored {
  if (earlier.fingerprint.equals(fingerprint)) return earlier.answer;
  return new Rejected("idempotency-key-used", `Another request was sent under the key ${JSON.stringify(key)}.`);
}

/**
 * Takes the callers' identifiers; returns the requests that are refused for theirs, with these identifiers. A request that
 * clashed only with another refused one, whose identifiers are given back, is tried again.
 */
async function reserveIds(db: Database, acceptances: readonly Acceptance[]): Promise<Map<Acceptance, GivenId[]>> {
  const refused = new Map<Acceptance, GivenId[]>();
  let open = acceptances.filter(({ givenIds }) => givenIds.length > 0);
  while (open.length > 0) {
    const used = await reserveGivenIds(
      db,
      open.flatMap(({ givenIds }) => givenIds),
    );
    const clashing = open.filter(({ givenIds }) => givenIds.some(({ id }) => used.has(id)));
    const undone = clashing.flatMap(({ givenIds }) => givenIds.filter(({ id }) => !used.has(id)));
    if (undone.length > 0) await releaseGivenIds(db, undone);
    const free = new Set(undone.map(givenName));
    open = [];
    for (const acceptance of clashing) {
      const clashes = acceptance.givenIds.filter(({ id }) => used.has(id));
      if (clashes.every((clash) => free.has(givenName(clash)))) open.push(acceptance);
      else refused.set(acceptance, clashes);
    }
  }
  return refused;
}

function nameOf({ accountId, key }: { accountId: number; key: string }): string {
  return `${accountId} ${key}`;
}

function givenName({ accountId, given }: GivenId): string {
  return `${accountId} ${given}`;
}

function identifierUsed(clashes: readonly GivenId[]): Rejected {
  const shown = clashes.slice(0, 100);
  const faults = shown.map(({ path }) => ({ path, message: "was used before by this account" }));
  const names = shown.map(({ given }) => given).join(", ");
  return new Rejected("identifier-used", `Used before by this account: ${names}.`, faults);
}
