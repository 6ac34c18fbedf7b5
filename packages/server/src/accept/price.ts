import { batchOf } from "../message/id.ts";
import { AccountDeactivated, Rejected } from "../runtime/errors.ts";
import type { AccountState } from "../store/accounts/account-states.ts";
import type { Charge } from "../store/accounts/charge-accounts.ts";
import type { AccountCharge } from "../store/messages/insert-charged-messages.ts";
import type { NewMessage } from "../store/messages/insert-messages.ts";
import type { Acceptance } from "./acceptance.ts";

/** The price of each batch of a request: the parts of its messages. */
export function chargesOf({ accountId, batch, messages, pending }: Acceptance): Charge[] {
  const held = pending.map(({ batch: { id, givenId }, cost }): Charge => {
    return { accountId, kind: "hold", batch: givenId ?? id, cost };
  });
  if (batch !== null && messages.length > 0) {
    const cost = batch.parts * messages.length;
    return [{ accountId, kind: "charge", batch: batch.givenId ?? batch.id, cost }, ...held];
  }
  const single = messages.map(
    ({ id, parts }): Charge => ({ accountId, kind: "charge", batch: batchOf(id), cost: parts }),
  );
  return [...single, ...held];
}

/** The price for each account of messages that are batches of their own. */
export function chargesByAccount(messages: readonly NewMessage[]): Map<number, AccountCharge> {
  const charges = new Map<number, AccountCharge>();
  for (const { accountId, id, parts } of messages) {
    let charge = charges.get(accountId);
    if (charge === undefined) {
      charge = { credits: 0, batches: [], costs: [] };
      charges.set(accountId, charge);
    }
    charge.credits += parts;
    charge.batches.push(batchOf(id));
    charge.costs.push(parts);
  }
  return charges;
}

/**
 * The requests that their accounts can pay for, one after another: one that costs more than is left is refused, and later
 * ones may still go. Without prices nothing is charged.
 */
export function price(
  acceptances: readonly Acceptance[],
  accounts: ReadonlyMap<number, AccountState>,
): { refused: Map<Acceptance, Error>; charges: Charge[] } {
  const refused = new Map<Acceptance, Error>();
  const charges: Charge[] = [];
  const left = new Map<number, number>();
  for (const acceptance of acceptances) {
    const account = accounts.get(acceptance.accountId);
    if (account?.deleted === true) refused.set(acceptance, new AccountDeactivated("The account is deactivated."));
    if (account === undefined || account.deleted || !account.priced) continue;
    const own = chargesOf(acceptance);
    const cost = own.reduce((sum, charge) => sum + charge.cost, 0);
    const balance = left.get(account.id) ?? account.balance;
    if (cost > balance && !account.overdraft) {
      refused.set(acceptance, new Rejected("credits-short", `It costs ${cost} credits; the account has ${balance}.`));
      continue;
    }
    left.set(account.id, balance - cost);
    charges.push(...own);
  }
  return { refused, charges };
}
