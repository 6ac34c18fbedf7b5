import type { Pool } from "pg";
import type { Config } from "../config/config.ts";
import { LastingFault } from "../runtime/lasting-fault.ts";
import type { Logger } from "../runtime/log.ts";
import { learnIdForm } from "../store/carriers.ts";
import { type IdForm, isIdForm } from "./candidates.ts";
import type { ReceiptProfile } from "./receiver.ts";

/** An HTTP carrier's own settings read its receipts; ids are compared unchanged. */
const OF_HTTP: Omit<ReceiptProfile, "learnt" | "sharesIdsWith"> = {
  messageIds: "exact",
  accepted: "intermediate",
  errorCodes: {},
  longMessageReceipts: "all",
};

/** The settings of the configured carriers, with the forms of ids learnt before. */
export function receiptProfiles(
  config: Config,
  simulator: Omit<ReceiptProfile, "learnt" | "sharesIdsWith">,
  carriers: ReadonlyMap<string, { number: number; idForm: string | null }>,
): Map<string, ReceiptProfile> {
  return new Map(
    config.carriers.map((carrier) => {
      const idForm = carriers.get(carrier.id)?.idForm ?? null;
      const learnt = idForm !== null && isIdForm(idForm) ? idForm : null;
      const settings = carrier.type === "smpp" ? carrier : carrier.type === "http" ? OF_HTTP : simulator;
      const { messageIds, accepted, errorCodes, longMessageReceipts } = settings;
      const sharesIdsWith = sharersOf(carrier.id, config).flatMap((id) => carriers.get(id)?.number ?? []);
      return [carrier.id, { messageIds, accepted, errorCodes, longMessageReceipts, learnt, sharesIdsWith }];
    }),
  );
}

/** The other carriers that share its space of ids: those that it names, those that name it, and theirs. */
function sharersOf(id: string, { carriers }: Pick<Config, "carriers">): string[] {
  const pairs = carriers.flatMap((one) =>
    one.type === "smpp" && one.receiptsWith !== null ? [[one.id, one.receiptsWith]] : [],
  );
  const found = new Set([id]);
  for (const member of found) {
    for (const pair of pairs) if (pair.includes(member)) for (const each of pair) found.add(each);
  }
  found.delete(id);
  return [...found];
}

/** Stores the form of ids seen from a carrier, by its number: for the next receipt, and for the next start. */
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
    if (profile.learnt === null)
      log.info({ carrier: id, form }, "learnt how this carrier writes message ids in receipts");
    else changesOf(profile, log).happened({ carrier: id, form });
    profile.learnt = form;
    await learnIdForm(pool, number, form).catch(() => {});
  }
}

/** Carriers whose form of ids changes from receipt to receipt. */
const changing = new WeakMap<ReceiptProfile, LastingFault>();

function changesOf(profile: ReceiptProfile, log: Logger): LastingFault {
  const what = "the carrier writes message ids in receipts in another form than before";
  const known = changing.get(profile) ?? new LastingFault({ log, what });
  changing.set(profile, known);
  return known;
}
