import type { Pool } from "pg";
import type { Config } from "../config/config.ts";
import type { Logger } from "../runtime/log.ts";
import { learnIdForm } from "../store/carriers.ts";
import { type IdForm, isIdForm } from "./candidates.ts";
import type { ReceiptProfile } from "./receiver.ts";

/** The settings of the configured carriers, with what was learnt about them before. */
export function receiptProfiles(
  config: Config,
  simulator: Omit<ReceiptProfile, "learnt">,
  carriers: ReadonlyMap<string, { idForm: string | null }>,
): Map<string, ReceiptProfile> {
  return new Map(
    config.carriers.map((carrier) => {
      const idForm = carriers.get(carrier.id)?.idForm ?? null;
      const learnt = idForm !== null && isIdForm(idForm) ? idForm : null;
      const settings = carrier.type === "smpp" ? carrier : simulator;
      const { messageIds, accepted, errorCodes, longMessageReceipts } = settings;
      return [carrier.id, { messageIds, accepted, errorCodes, longMessageReceipts, learnt }];
    }),
  );
}

/** Keeps how a carrier, by its number, was seen to write message ids: for the next receipt, and for the next start. */
export async function learn(
  { pool, log }: { pool: Pool; log: Logger },
  number: number,
  form: IdForm,
  profiles: ReadonlyMap<string, ReceiptProfile>,
  carriers: ReadonlyMap<string, { number: number }>,
): Promise<void> {
  for (const [id, carrier] of carriers) {
    const profile = profiles.get(id);
    if (carrier.number !== number || profile === undefined || profile.learnt === form) continue;
    profile.learnt = form;
    log.info({ carrier: id, form }, "learnt how this carrier writes message ids in receipts");
    await learnIdForm(pool, number, form).catch(() => {});
  }
}
