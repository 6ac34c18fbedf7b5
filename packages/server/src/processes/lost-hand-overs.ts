import type { Pool } from "pg";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import { releaseMessages } from "../store/messages/claim-messages.ts";
import { endWrittenLots, spillMessages } from "../store/messages/lots.ts";
import { freeWebhooks } from "../store/webhooks/claim-webhooks.ts";
import { endUntried, spillWebhooks, storedUntried } from "../store/webhooks/untried.ts";
import { leasedMessages, leasedWebhooks, unwrittenMessages } from "../store/workers.ts";
import { HAND_OVER_MS } from "./protocol.ts";

/** What is missed for so long is lost: a hand-over that comes later is not taken. */
export const LOST_MS = HAND_OVER_MS + 1_000;

export interface LostHandOversOptions {
  pool: Pool;
  log: Logger;
  clock: Clock;
  worker(): number;
  hasMessage(id: string): boolean;
  hasWebhook(id: string): boolean;
  /** There are rows that nobody has in hand. */
  onFound(): void;
}

/**
 * Frees what is leased to this worker and did not reach it: its sender died between commit and hand-over, or the store
 * did between commit and answer.
 */
export class LostHandOvers {
  readonly #options: LostHandOversOptions;
  /** Leased to this worker and not in hand, since when (epoch milliseconds). */
  #missing = new Map<string, number>();

  constructor(options: LostHandOversOptions) {
    this.#options = options;
  }

  async look(): Promise<void> {
    const { pool, log, clock, hasMessage, hasWebhook, onFound } = this.#options;
    const worker = this.#options.worker();
    const now = clock.now();
    const messages = (await leasedMessages(pool, worker)).filter((id) => !hasMessage(id));
    const unwritten = (await unwrittenMessages(pool, worker)).filter((id) => !hasMessage(id));
    const webhooks = (await leasedWebhooks(pool, worker)).filter(({ id }) => !hasWebhook(id));
    const stored = await storedUntried(pool, worker, now - LOST_MS);
    const untried = stored.flatMap((row) => row.webhooks).filter((id) => !hasWebhook(id));
    const isLost = (name: string) => now - (this.#missing.get(name) ?? now) > LOST_MS;
    const lostMessages = messages.filter(isLost);
    const lostUnwritten = unwritten.filter(isLost);
    const lostWebhooks = webhooks.filter(({ id }) => isLost(`h${id}`));
    const lostUntried = untried.filter((id) => isLost(`h${id}`));
    if (lostMessages.length > 0) await releaseMessages(pool, lostMessages, worker, 0);
    if (lostUnwritten.length > 0) await spillMessages(pool, lostUnwritten, worker);
    if (lostWebhooks.length > 0) await freeWebhooks(pool, lostWebhooks, worker);
    if (lostUntried.length > 0) await spillWebhooks(pool, lostUntried, worker);
    const found = {
      messages: lostMessages.length + lostUnwritten.length,
      webhooks: lostWebhooks.length + lostUntried.length,
    };
    if (found.messages + found.webhooks > 0) {
      log.warn(found, "found what was lost on the way here");
      onFound();
    }
    await endWrittenLots(pool, worker, now - LOST_MS);
    const ended = stored.filter((row) => row.webhooks.length === 0).map(({ id }) => id);
    if (ended.length > 0) await endUntried(pool, ended);
    const hooks = [...webhooks.map(({ id }) => id), ...untried];
    const missing = [...messages, ...unwritten, ...hooks.map((id) => `h${id}`)];
    this.#missing = new Map(missing.map((name) => [name, this.#missing.get(name) ?? now]));
  }
}
