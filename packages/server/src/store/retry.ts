import type { Logger } from "../runtime/log.ts";
import { outagesOf } from "../runtime/outages.ts";
import { isTransientDatabaseError } from "./errors.ts";

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/**
 * Does the work again for as long as the database is out of reach: for what has happened already and must not be
 * forgotten (a carrier took the message, a receiver answered). Whatever is done here must bear being done twice.
 */
export async function persistently<Result>(
  log: Logger,
  stop: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransientDatabaseError(error) || stop.aborted) throw error;
      outagesOf(log).tell(error as Error, "what is repeated until it is through");
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
