import type { Pool } from "pg";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/log.ts";
import type { Bundles } from "../store/bundle.ts";
import { MESSAGE_BUNDLES } from "../store/messages/bundles.ts";
import { releaseMessages } from "../store/messages/claim-messages.ts";
import { type LeasedRow, leasedRows } from "../store/nodes.ts";
import { freeWebhooks } from "../store/webhooks/claim-webhooks.ts";
import { WEBHOOK_BUNDLES } from "../store/webhooks/webhook-bundles.ts";
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

/** What is leased to a node, as rows and in bundles. */
interface Kind {
  table: "message" | "webhook";
  bundles: Bundles;
  /** The age from which bundles are looked at, in milliseconds: nearly all of webhooks are gone sooner. */
  fromAgeMs: number;
  isBuffered(id: string): boolean;
  free(pool: Pool, rows: readonly LeasedRow[], node: number): Promise<void>;
  /** Leased to this node and not in memory, since when (epoch milliseconds). */
  missing: Map<string, number>;
}

/**
 * Frees what is leased to this node and did not reach it: its sender died between commit and hand-off, or the store
 * did between commit and answer.
 */
export class LostHandOffs {
  readonly #options: LostHandOffsOptions;
  readonly #messages: Kind;
  readonly #webhooks: Kind;

  constructor(options: LostHandOffsOptions) {
    this.#options = options;
    this.#messages = {
      table: "message",
      bundles: MESSAGE_BUNDLES,
      fromAgeMs: 0,
      isBuffered: options.hasMessage,
      free: (pool, rows, node) =>
        releaseMessages(
          pool,
          rows.map(({ id }) => id),
          node,
          0,
        ),
      missing: new Map(),
    };
    this.#webhooks = {
      table: "webhook",
      bundles: WEBHOOK_BUNDLES,
      fromAgeMs: LOST_MS,
      isBuffered: options.hasWebhook,
      free: freeWebhooks,
      missing: new Map(),
    };
  }

  async look(): Promise<false> {
    const { log, onFound } = this.#options;
    const found = { messages: await this.#free(this.#messages), webhooks: await this.#free(this.#webhooks) };
    if (found.messages + found.webhooks > 0) {
      log.warn(found, "found what was lost on the way here");
      onFound();
    }
    return false;
  }

  /** Answers how many were lost. */
  async #free(kind: Kind): Promise<number> {
    const { pool, clock } = this.#options;
    const node = this.#options.node();
    const now = clock.now();
    const { table, bundles, fromAgeMs, isBuffered, free, missing } = kind;
    const rows = (await leasedRows(pool, table, node)).filter(({ id }) => !isBuffered(id));
    const stored = await bundles.stored(pool, node, now - fromAgeMs);
    const members = stored.flatMap((bundle) => bundle.missing).filter((id) => !isBuffered(id));
    const isLost = (id: string) => now - (missing.get(id) ?? now) > LOST_MS;
    const lostRows = rows.filter(({ id }) => isLost(id));
    const lostMembers = members.filter(isLost);
    if (lostRows.length > 0) await free(pool, lostRows, node);
    await bundles.materializeMembers(pool, lostMembers, node);
    await bundles.end(
      pool,
      stored.flatMap((bundle) => (bundle.missing.length === 0 ? [bundle.id] : [])),
    );
    const all = [...rows.map(({ id }) => id), ...members];
    kind.missing = new Map(all.map((id) => [id, missing.get(id) ?? now]));
    return lostRows.length + lostMembers.length;
  }
}
