import type { Pool } from "pg";
import { EndpointMap } from "../../message/endpoint.ts";
import { FAILING, OK, PROBED } from "../../message/endpoint-state.ts";
import { type EndpointState, recordEndpointStates } from "../../store/webhooks/endpoint-states.ts";
import type { AttemptOutcome } from "../client/outcome.ts";
import type { Webhook } from "../webhook.ts";

/** Flushes after which also the unchanged states of endpoints are written. */
const FLUSHES_PER_ALL = 15;
const MOST_AT_ONCE = 1_000;

/** The end of an endpoint's pause, epoch milliseconds, and whether it pauses because it fails. */
export interface Rest {
  until: number;
  failing: boolean;
}

/** The states of endpoints, for their accounts to read (migrations/0014_endpoint_state.sql). Losing them does no harm. */
export class EndpointStates {
  readonly #states = new EndpointMap<EndpointState>();
  readonly #changed = new Set<EndpointState>();
  #flushes = 0;

  /** A try has ended. @param rest null if the endpoint may get something at once */
  tried(
    { accountId, endpoint, origin }: Webhook,
    at: number,
    { result, status, fault }: AttemptOutcome,
    rest: Rest | null,
  ) {
    const state = rest?.failing ? PROBED : result === "delivered" ? OK : FAILING;
    const nextProbeAt = rest?.until ?? null;
    let known = this.#states.get({ accountId, endpoint });
    if (known === undefined) {
      known = {
        accountId,
        endpoint,
        origin,
        state,
        since: at,
        nextProbeAt,
        lastAt: at,
        lastStatus: null,
        lastFault: null,
      };
      this.#states.set(known, known);
      this.#changed.add(known);
    } else if (known.state !== state || known.nextProbeAt !== nextProbeAt) {
      if (known.state !== state) known.since = at;
      known.state = state;
      known.nextProbeAt = nextProbeAt;
      this.#changed.add(known);
    }
    known.lastAt = Math.max(known.lastAt, at);
    known.lastStatus = status;
    known.lastFault = fault;
  }

  /** Writes the changes, and now and then all; drops the written states that do not change. */
  async flush(pool: Pool): Promise<void> {
    const isAll = ++this.#flushes % FLUSHES_PER_ALL === 0;
    const states = isAll ? [...this.#states.values()] : [...this.#changed];
    this.#changed.clear();
    if (isAll) for (const state of states) this.#states.delete(state);
    for (let from = 0; from < states.length; from += MOST_AT_ONCE) {
      await recordEndpointStates(pool, states.slice(from, from + MOST_AT_ONCE));
    }
  }
}
