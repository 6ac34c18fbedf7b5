import type { Pool } from "pg";
import { SIMULATOR_READING } from "./carriers/simulator/outcomes.ts";
import type { Config } from "./config.ts";
import { type IdForm, isIdForm } from "./receipt/candidates.ts";
import type { ReceiptReading } from "./receipt/receiver.ts";
import type { Logger } from "./runtime/log.ts";
import { learnIdForm } from "./store/carriers.ts";

/** The settings of the configured carriers, with what was learnt about them before. */
export function readingsOf(
  config: Config,
  carriers: ReadonlyMap<string, { idForm: string | null }>,
): Map<string, ReceiptReading> {
  return new Map(
    config.carriers.map((carrier) => {
      const idForm = carriers.get(carrier.id)?.idForm ?? null;
      const learnt = idForm !== null && isIdForm(idForm) ? idForm : null;
      const settings = carrier.type === "smpp" ? carrier : SIMULATOR_READING;
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
  readings: ReadonlyMap<string, ReceiptReading>,
  carriers: ReadonlyMap<string, { number: number }>,
): Promise<void> {
  for (const [id, carrier] of carriers) {
    const reading = readings.get(id);
    if (carrier.number !== number || reading === undefined || reading.learnt === form) continue;
    reading.learnt = form;
    log.info({ carrier: id, form }, "learnt how this carrier writes message ids in receipts");
    await learnIdForm(pool, number, form).catch(() => {});
  }
}
