import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchOf, messageId, newBatchId } from "../message/id.ts";
import { AccountDeactivated, type Rejected } from "../runtime/errors.ts";
import type { AccountState } from "../store/accounts/account-states.ts";
import type { Acceptance } from "./acceptance.ts";
import { chargesOf, price } from "./price.ts";

const NOTHING = {
  priced: true,
  batch: null,
  messages: [],
  bundles: [],
  pending: [],
  givenIds: [],
  idempotency: null,
  sharedLocks: null,
};
const content = { sender: "x", body: "x", callback: null, endpoint: null };

function message(accountId: number, parts: number): Acceptance["messages"][number] {
  const id = messageId(newBatchId(1e12), 1);
  const rest = {
    destination: "447700900123",
    expiresAt: 0,
    receiptBy: null,
    leasedBy: 0,
    batchId: null,
    givenId: null,
  };
  return { id, accountId, parts, ...content, ...rest };
}

function batch(accountId: number, total: number, parts: number, givenId: string | null = null) {
  return { id: newBatchId(1e12), accountId, total, parts, ...content, givenId };
}

function singles(accountId: number, ...parts: number[]): Acceptance {
  return { ...NOTHING, accountId, messages: parts.map((each) => message(accountId, each)) };
}

function held(accountId: number, total: number, parts: number): Acceptance {
  const own = batch(accountId, total, parts);
  const row = {
    id: own.id,
    accountId,
    at: 0,
    expiresAt: 0,
    receiptBy: null,
    total,
    cost: total * parts,
    givenId: null,
  };
  return { ...NOTHING, accountId, pending: [{ ...row, tlvs: null, destinations: [], batch: own }] };
}

function account(id: number, balance: number, rest: Partial<AccountState> = {}): [number, AccountState] {
  return [id, { id, balance, deleted: false, priced: true, overdraft: false, ...rest }];
}

describe("what a request costs", () => {
  test("a single message its parts, under the batch that it is", () => {
    const acceptance = singles(1, 2, 1);
    expect(chargesOf(acceptance)).toEqual(
      acceptance.messages.map(({ id, parts }) => ({ accountId: 1, kind: "charge", batch: batchOf(id), cost: parts })),
    );
  });

  test("a batch its messages' parts, under the identifier that its account knows", () => {
    const given = "11111111-1111-4111-8111-111111111111";
    const messages = [message(1, 3), message(1, 3)];
    const acceptance = { ...NOTHING, accountId: 1, messages, batch: batch(1, 2, 3, given) };
    expect(chargesOf(acceptance)).toEqual([{ accountId: 1, kind: "charge", batch: given, cost: 6 }]);
  });

  test("what is for later is held", () => {
    expect(chargesOf(held(1, 4, 2))).toMatchObject([{ kind: "hold", cost: 8 }]);
  });
});

describe("who can pay", () => {
  test("one after another; one that is too dear does not stand before those behind it", () => {
    const requests = [singles(1, 4), singles(1, 4, 3), held(1, 2, 2), singles(1, 2), singles(2, 1), singles(1, 1)];
    const { refused, charges } = price(requests, new Map([account(1, 10), account(2, 0)]));
    expect(requests.map((request) => refused.has(request))).toEqual([false, true, false, false, true, true]);
    expect(charges.map(({ cost }) => cost)).toEqual([4, 4, 2]);
    expect((refused.get(requests[1]!) as Rejected).message).toBe("It costs 7 credits; the account has 6.");
  });

  test("an account that may overdraw, always; where nothing is priced, everybody, for nothing", () => {
    const requests = [singles(1, 5), singles(2, 5), singles(1, 5)];
    const accounts = new Map([account(1, -3, { overdraft: true }), account(2, 0, { priced: false })]);
    const { refused, charges } = price(requests, accounts);
    expect(refused.size).toBe(0);
    expect(charges.map(({ accountId }) => accountId)).toEqual([1, 1]);
  });

  test("a deactivated account not at all", () => {
    const requests = [singles(1, 1), singles(2, 1)];
    const deleted = { deleted: true };
    const { refused } = price(
      requests,
      new Map([account(1, 10, deleted), account(2, 10, { ...deleted, priced: false })]),
    );
    for (const request of requests) expect(refused.get(request)).toBeInstanceOf(AccountDeactivated);
  });

  test("nobody is charged more than there is, and nobody is refused who could pay in turn", () => {
    const plan = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 9 })), { maxLength: 60 });
    fc.assert(
      fc.property(plan, fc.array(fc.nat(40), { minLength: 3, maxLength: 3 }), (all, balances) => {
        const requests = all.map(([id, parts]) => singles(id, parts));
        const accounts = new Map(balances.map((balance, index) => account(index + 1, balance)));
        const { refused, charges } = price(requests, accounts);
        const left = new Map(balances.map((balance, index) => [index + 1, balance]));
        for (const request of requests) {
          const cost = request.messages[0]!.parts;
          const before = left.get(request.accountId)!;
          expect(refused.has(request)).toBe(cost > before);
          if (cost <= before) left.set(request.accountId, before - cost);
        }
        const spent = charges.reduce((sum, { cost }) => sum + cost, 0);
        expect(spent).toBe(
          balances.reduce((sum, balance) => sum + balance, 0) - [...left.values()].reduce((a, b) => a + b),
        );
      }),
    );
  });
});
