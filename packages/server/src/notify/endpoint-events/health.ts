import type { Pool } from "pg";
import { EndpointMap } from "../../message/endpoint.ts";
import { reasonOf, tlsReason } from "../../network/fault.ts";
import { asError } from "../../runtime/errors.ts";
import { GroupCommit } from "../../runtime/group-commit.ts";
import type { Logger } from "../../runtime/log.ts";
import { warnOf } from "../../runtime/outages.ts";
import { persistently } from "../../store/retry.ts";
import { failingEndpoints, type HealthChange, recordHealth } from "../../store/webhooks/endpoint-health.ts";
import type { AttemptOutcome } from "../client/outcome.ts";
import type { Webhook } from "../webhook.ts";

export interface EndpointHealthOptions {
  pool: Pool;
  log: Logger;
  /** Aborts the wait for a database that does not answer. */
  stop: AbortSignal;
  /** Called when there may be something to report. */
  onChange(): void;
}

/**
 * The failing endpoints, kept in the store: a restart neither reports again that one fails nor forgets to report that it works
 * again. The results of events are left out: no event is about events.
 */
export class EndpointHealth {
  readonly #options: EndpointHealthOptions;
  readonly #commits: GroupCommit<HealthChange, undefined>;
  #failing = new EndpointMap<true>();
  #changes = 0;

  constructor(options: EndpointHealthOptions) {
    const { pool, log, stop } = options;
    this.#options = options;
    this.#commits = new GroupCommit<HealthChange, undefined>({
      maxWeight: 1_000,
      maxInFlight: 1,
      isCommonFault: () => true,
      flush: async (changes) => {
        // The last change of each.
        const last = new EndpointMap<HealthChange>();
        for (const change of changes) last.set(change, change);
        await persistently(log, stop, () => recordHealth(pool, [...last.values()]));
        return changes.map(() => undefined);
      },
    });
  }

  /** Reads the failing endpoints anew: other programs change them, too. */
  async refresh(): Promise<void> {
    await this.#commits.drain();
    const changes = this.#changes;
    const failing = await failingEndpoints(this.#options.pool);
    if (changes !== this.#changes) return;
    this.#failing = new EndpointMap();
    for (const endpoint of failing) this.#failing.set(endpoint, true);
  }

  /** With this webhook's failure its endpoint begins to fail. */
  failing(webhook: Webhook, { status, fault, detail }: AttemptOutcome): void {
    if (webhook.kind === "event") return;
    this.#failing.set(webhook, true);
    this.#change(webhook, true, reasonOf(status, fault, fault === "tls" ? tlsReason(detail) : null));
  }

  /** Called for every delivered webhook. */
  delivered(webhook: Webhook): void {
    if (this.#failing.size > 0 && this.#failing.delete(webhook)) this.#change(webhook, false, null);
  }

  /** Resolves once all changes are committed. */
  drain(): Promise<void> {
    return this.#commits.drain();
  }

  #change({ accountId, endpoint, origin }: Webhook, failing: boolean, reason: string | null): void {
    const { log, onChange } = this.#options;
    this.#changes++;
    log.info({ accountId, endpoint: origin, reason }, `an endpoint ${failing ? "has begun to fail" : "works again"}`);
    this.#commits
      .add({ accountId, endpoint, origin, failing, reason })
      .then(onChange, (error: unknown) => warnOf(log, asError(error), "an endpoint's health was not kept"));
  }
}
