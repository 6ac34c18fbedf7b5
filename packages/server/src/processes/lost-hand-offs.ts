import type { Pool } from "pg";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import { endWrittenBundles, materializeMessages } from "../store/messages/bundles.ts";
import { releaseMessages } from "../store/messages/claim-messages.ts";
import { bundledMessages, leasedMessages, leasedWebhooks } from "../store/nodes.ts";
import { freeWebhooks } from "../store/webhooks/claim-webhooks.ts";
import { endWebhookBundles, materializeWebhooks, storedWebhookBundles } from "../store/webhooks/webhook-bundles.ts";
import { HAND_OFF_MS } from "./protocol.ts";

/** A message missed for this long is lost: a hand-off that comes later is not taken. */
export const LOST_MS = HAND_OFF_MS + 1_000;

export interface LostHandOffsOptions {
  pool: Pool;
  log: Logger;
  clock: Clock;
  node(): number;
  hasMessage(id: string): boolean;
  hasWebhook(id: string): boolean;
  /** There are rows that nobody has in memory. */
  onFound(): void;
}

/**
 * Frees what is leased to this node and did not reach it: its sender died between commit and hand-off, or the store
 * did between commit and answer.
 */
export class LostHandOffs {
  readonly #options: LostHandOffsOptions;
  /** Leased to this node and not in memory, since when (epoch milliseconds). */
  #missing = new Map<string, number>();

  constructor(options: LostHandOffsOptions) {
    this.#options = options;
  }

  async look(): Promise<false> {
    const { pool, log, clock, hasMessage, hasWebhook, onFound } = this.#options;
    const node = this.#options.node();
    const now = clock.now();
    const messages = (await leasedMessages(pool, node)).filter((id) => !hasMessage(id));
    const bundled = (await bundledMessages(pool, node)).filter((id) => !hasMessage(id));
    const webhooks = (await leasedWebhooks(pool, node)).filter(({ id }) => !hasWebhook(id));
    const stored = await storedWebhookBundles(pool, node, now - LOST_MS);
    const bundle = stored.flatMap((row) => row.webhooks).filter((id) => !hasWebhook(id));
    const isLost = (name: string) => now - (this.#missing.get(name) ?? now) > LOST_MS;
    const lostMessages = messages.filter(isLost);
    const lostBundled = bundled.filter(isLost);
    const lostWebhooks = webhooks.filter(({ id }) => isLost(`h${id}`));
    const lostBundledWebhooks = bundle.filter((id) => isLost(`h${id}`));
    if (lostMessages.length > 0) await releaseMessages(pool, lostMessages, node, 0);
    if (lostBundled.length > 0) await materializeMessages(pool, lostBundled, node);
    if (lostWebhooks.length > 0) await freeWebhooks(pool, lostWebhooks, node);
    if (lostBundledWebhooks.length > 0) await materializeWebhooks(pool, lostBundledWebhooks, node);
    const found = {
      messages: lostMessages.length + lostBundled.length,
      webhooks: lostWebhooks.length + lostBundledWebhooks.length,
    };
    if (found.messages + found.webhooks > 0) {
      log.warn(found, "found what was lost on the way here");
      onFound();
    }
    await endWrittenBundles(pool, node, now - LOST_MS);
    const ended = stored.filter((row) => row.webhooks.length === 0).map(({ id }) => id);
    if (ended.length > 0) await endWebhookBundles(pool, ended);
    const hooks = [...webhooks.map(({ id }) => id), ...bundle];
    const missing = [...messages, ...bundled, ...hooks.map((id) => `h${id}`)];
    this.#missing = new Map(missing.map((name) => [name, this.#missing.get(name) ?? now]));
    return false;
  }
}
