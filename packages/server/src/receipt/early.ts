import type { Pool } from "pg";
import { deleteParkedReceipts, parkReceipts } from "../store/messages/parked-receipts.ts";
import type { SubmitOutcome } from "../store/messages/submit-outcome.ts";
import { keyOf, keysOf, type Receipt, receiptRow } from "./receipt.ts";
import { receiptLine } from "./said.ts";

/** Most receipts in memory beside their parked rows. */
const MOST = 10_000;

/** Receipts that came before their submit's answer: each is parked in the store, and most are in memory too. */
export class EarlyReceipts {
  readonly #pool: Pool;
  readonly #byKey = new Map<string, Receipt>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async park(receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const lines = ({ said, carrier }: Receipt): string => receiptLine(said, "applied", null, carrier);
    const ids = await parkReceipts(
      this.#pool,
      receipts.map((receipt) => ({ ...receiptRow(receipt), events: lines(receipt) })),
    );
    for (const [index, parked] of receipts.entries()) {
      const receipt = { ...parked, parkedId: ids[index] as number };
      // A receipt that is not final would take the place of the final one.
      if (receipt.state === null) continue;
      if (this.#byKey.size >= MOST) this.#byKey.delete(this.#byKey.keys().next().value as string);
      for (const key of keysOf(receipt)) this.#byKey.set(key, receipt);
    }
  }

  /** Early receipts in memory whose submit's answer is among these outcomes. */
  takeFor(outcomes: readonly SubmitOutcome[]): Receipt[] {
    if (this.#byKey.size === 0) return [];
    const found: Receipt[] = [];
    for (const { carrier, carrierMessageIds } of outcomes) {
      for (const id of carrierMessageIds) {
        const receipt = this.#byKey.get(keyOf(carrier, id));
        if (receipt === undefined) continue;
        for (const key of keysOf(receipt)) this.#byKey.delete(key);
        found.push(receipt);
      }
    }
    return found;
  }

  /** Deletes the rows of parked receipts. */
  async unpark(receipts: readonly Receipt[]): Promise<void> {
    const ids = receipts.flatMap((receipt) => (receipt.parkedId === undefined ? [] : [receipt.parkedId]));
    if (ids.length > 0) await deleteParkedReceipts(this.#pool, ids);
  }
}
