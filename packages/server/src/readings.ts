import { SIMULATOR_READING } from "./carriers/simulator/outcomes.ts";
import type { Config } from "./config.ts";
import { isIdForm } from "./receipt/candidates.ts";
import type { ReceiptReading } from "./receipt/receiver.ts";

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
