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

type Kind = "messages" | "webhooks";

export interface LostHandOffsOptions {
  pool: Pool;
  log: Logger;
  clock: Clock;
  node(): number;
  /** Whether one is in memory, by its id. */
  buffered: Record<Kind, (id: string) => boolean>;
  /** Called when there are rows that no memory holds. */
  onFound(): void;
}

/** The rows and bundles that are leased to a node. */
interface Leased {
  table: "message" | "webhook";
  bundles: Bundles;
  /** The age from which bundles are checked, in milliseconds. */
  fromAgeMs: number;
  free(pool: Pool, rows: readonly LeasedRow[], node: number): Promise<void>;
}

const LEASED: Record<Kind, Leased> = {
  messages: {
    table: "message",
    bundles: MESSAGE_BUNDLES,
    fromAgeMs: 0,
    free: (pool, rows, node) =>
      releaseMessages(
        pool,
        rows.map(({ id }) => id),
        node,
        0,
      ),
  },
  // Nearly all of their bundles are gone before they are that old.
  webhooks: { table: "webhook", bundles: WEBHOOK_BUNDLES, fromAgeMs: LOST_MS, free: freeWebhooks },
};

/**
 * Frees rows that are leased to this node and did not reach it: their sender died between commit and hand-off, or the store did
 * between commit and answer.
 */
export class LostHandOffs {
  readonly #options: LostHandOffsOptions;
  /** By id, since when it is leased to this node and missing from its memory (epoch milliseconds). */
  readonly #missing: Record<Kind, Map<string, number>> = { messages: new Map(), webhooks: new Map() };

  constructor(options: LostHandOffsOptions) {
    this.#options = options;
  }

  async look(): Promise<false> {
    const { log, onFound } = this.#options;
    const found = { messages: await this.#free("messages"), webhooks: await this.#free("webhooks") };
    if (found.messages + found.webhooks > 0) {
      log.warn(found, "found what was lost on the way here");
      onFound();
    }
    return false;
  }

  /** Returns how many were lost. */
  async #free(kind: Kind): Promise<number> {
    const { pool, clock, buffered } = this.#options;
    const node = this.#options.node();
    const now = clock.now();
    const { table, bundles, fromAgeMs, free } = LEASED[kind];
    const isAway = (id: string) => !buffered[kind](id);
    const rows = (await leasedRows(pool, table, node)).filter(({ id }) => isAway(id));
    const stored = await bundles.stored(pool, node, now - fromAgeMs);
    const members = stored.flatMap(({ missing }) => missing).filter(isAway);
    const missing = this.#missing[kind];
    const isLost = (id: string) => now - (missing.get(id) ?? now) > LOST_MS;
    const lostRows = rows.filter(({ id }) => isLost(id));
    const lostMembers = members.filter(isLost);
    if (lostRows.length > 0) await free(pool, lostRows, node);
    await bundles.materializeMembers(pool, lostMembers, node);
    const written = stored.filter((bundle) => bundle.missing.length === 0);
    await bundles.end(
      pool,
      written.map(({ id }) => id),
    );
    const away = [...rows.map(({ id }) => id), ...members];
    this.#missing[kind] = new Map(away.map((id) => [id, missing.get(id) ?? now]));
    return lostRows.length + lostMembers.length;
  }
}
