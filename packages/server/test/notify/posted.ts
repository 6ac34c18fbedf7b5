import type { Exchanger } from "../../src/notify/client/exchange.ts";
import type { AttemptOutcome } from "../../src/notify/client/outcome.ts";
import type { ExchangeRequest } from "../../src/notify/client/request.ts";

/** How a POST went; rejects where it could not be begun. */
export function posted(exchanger: Exchanger, request: ExchangeRequest): Promise<AttemptOutcome> {
  return new Promise((resolve) => exchanger.post(request, resolve));
}
