import type { Pool } from "pg";
import { codeText } from "../message/code-number.ts";
import type { FinalState } from "../message/lifecycle.ts";
import { deleteParkedReceipts, dropOldParkedReceipts, dueParkedReceipts } from "../store/messages/parked-receipts.ts";
import type { Receipt } from "./receipt.ts";
import { type ReceiptProfile, spellingsOf } from "./receiver.ts";
import { saidOf } from "./said.ts";

const MOST = 500;

export interface ParkedOptions {
  pool: Pool;
  profiles: ReadonlyMap<string, ReceiptProfile>;
  carrierNumbers: ReadonlyMap<string, { number: number }>;
  record(receipt: Receipt): Promise<unknown>;
}

/** Matches parked receipts again: their submit's answer may have come to another program meanwhile. */
export class Parked {
  readonly #options: ParkedOptions;

  constructor(options: ParkedOptions) {
    this.#options = options;
  }

  /** Returns whether there may be more. */
  async match(): Promise<boolean> {
    const { pool, profiles, carrierNumbers, record } = this.#options;
    const byNumber = new Map([...carrierNumbers].map(([id, { number }]) => [number, profiles.get(id)]));
    const due = await dueParkedReceipts(pool, MOST);
    if (due.length === 0) {
      await dropOldParkedReceipts(pool);
      return false;
    }
    const strays: number[] = [];
    await Promise.all(
      due.map(({ parkedId, carrier, carrierMessageId, destination, state, code, events }) => {
        const profile = byNumber.get(carrier);
        if (profile === undefined) {
          strays.push(parkedId);
          return undefined;
        }
        return record({
          parkedId,
          carrier,
          sharesIdsWith: profile.sharesIdsWith,
          destination,
          numbers: () => [destination],
          carrierMessageId,
          spellings: () => spellingsOf(carrierMessageId, profile),
          state: state === 0 ? null : (state as FinalState),
          said: saidOf(events ?? null),
          code: codeText(code),
          longMessageReceipts: profile.longMessageReceipts,
        });
      }),
    );
    // Of carriers that are no longer configured.
    if (strays.length > 0) await deleteParkedReceipts(pool, strays);
    return due.length === MOST;
  }
}
