import type { Pool } from "pg";
import { WEBHOOK } from "../message/webhook.ts";
import { reasonOf, tlsReason } from "../network/fault.ts";
import { GroupCommit } from "../runtime/group-commit.ts";
import type { Logger } from "../runtime/log.ts";
import type { Loop } from "../runtime/stuck.ts";
import { ending } from "../store/bundle.ts";
import { persistently } from "../store/retry.ts";
import type { Partitions } from "../store/upkeep/partition-names.ts";
import { type AttemptRow, recordAttempts, type Told } from "../store/webhooks/record-attempts.ts";
import { type ExhaustedRow, recordExhausted } from "../store/webhooks/record-exhausted.ts";
import type { AttemptOutcome } from "./client/outcome.ts";
import type { Webhook } from "./webhook.ts";

/** Nobody waits for the record of a try; until it is committed, a crash repeats the webhook. */
const FLUSH_INTERVAL_MS = 20;

export interface AttemptsOptions {
  pool: Pool;
  partitions: Partitions;
  log: Logger;
  /** Aborts the wait for a database that does not answer. */
  stop: AbortSignal;
  node(): number;
}

/** Commits tries, many at once. */
export class Attempts implements Loop {
  readonly name = "the commits of tries";
  readonly #options: AttemptsOptions;
  readonly #commits: GroupCommit<AttemptRow | ExhaustedRow, boolean>;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#commits = new GroupCommit<AttemptRow | ExhaustedRow, boolean>({
      maxWeight: 1_000,
      maxInFlight: 1,
      minIntervalMs: FLUSH_INTERVAL_MS,
      isCommonFault: () => options.stop.aborted,
      flush: (rows) =>
        persistently(options.log, options.stop, async () => {
          const lost = await this.#record(rows);
          return rows.map((row) => !lost.has(row.id));
        }),
    });
  }

  /**
   * @param nextAt when it is tried again, epoch milliseconds; null after the last try
   * @param done called after the commit of the try: with false if another node has taken the webhook over; with an Error when
   * the program stops before
   */
  add(
    webhook: Webhook,
    startedAt: number,
    outcome: AttemptOutcome,
    nextAt: number | null,
    done: (recorded: boolean | Error) => void,
  ): void {
    const { accountId, id, url, endpoint, bundle, origin } = webhook;
    const { status, fault, detail, answer, phases } = outcome;
    const tls = fault === "tls" ? tlsReason(detail) : null;
    const { connectMs, firstByteMs, totalMs } = phases;
    // As JSON.stringify would write an Attempt, in 0.2 µs instead of 1.0.
    const attempt = flat(
      `{"at":"${isoTime(startedAt)}","status":${status},"fault":${fault === null ? null : `"${fault}"`},${tls === null ? "" : `"tls":"${tls}",`}` +
        `"answer":${answer === null ? null : JSON.stringify(answer)},` +
        `"connectMs":${rounded(connectMs)},"firstByteMs":${rounded(firstByteMs)},"totalMs":${rounded(totalMs)}}`,
    );
    if (outcome.result === "delivered") {
      const told = toldOf(webhook, startedAt + totalMs);
      const state = WEBHOOK.delivered;
      this.#commits.push({ accountId, id, state, nextAt: null, attempt, url, endpoint, bundle, told }, done);
    } else if (nextAt !== null) {
      this.#commits.push({ accountId, id, state: WEBHOOK.pending, nextAt, attempt, url, endpoint, bundle }, done);
    } else {
      const reason = reasonOf(status, fault, tls);
      this.#commits.push({ accountId, id, attempt, origin, reason, url, endpoint, bundle }, done);
    }
  }

  get dueAt(): number | null {
    return this.#commits.busySince;
  }

  drain(): Promise<void> {
    return this.#commits.drain();
  }

  /** Returns the ids of webhooks that another node has taken over. */
  async #record(rows: readonly (AttemptRow | ExhaustedRow)[]): Promise<Set<string>> {
    const { pool, partitions, node } = this.#options;
    const exhausted = rows.filter((row) => "reason" in row);
    const others = rows.filter((row) => "state" in row);
    // The last statement that writes first tries also deletes ended bundles.
    const exhaustedLast = exhausted.some(({ bundle }) => bundle !== undefined);
    return ending(rows, async (ended) => {
      const lost = await recordAttempts(pool, partitions, others, node(), exhaustedLast ? [] : ended);
      if (exhausted.length === 0) return lost;
      const ofLast = await recordExhausted(pool, partitions, exhausted, node(), ended);
      return new Set([...lost, ...ofLast]);
    });
  }
}

function toldOf({ final, finalAt }: Webhook, endedAt: number): Told | undefined {
  return final === undefined || finalAt === undefined ? undefined : { final, ms: endedAt - finalAt };
}

/**
 * The same text in one piece. V8 keeps a concatenated text as a tree of its pieces, 600 bytes for 200, until it is read;
 * while it waits for a flush, every collection would copy the tree.
 */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

let second = 0;
let secondText = "";

/** The time as ISO 8601, its seconds written once each. @param at epoch milliseconds */
function isoTime(at: number): string {
  const begun = Math.floor(at / 1_000);
  if (begun !== second) {
    second = begun;
    secondText = new Date(begun * 1_000).toISOString().slice(0, 20);
  }
  return `${secondText}${String(at - begun * 1_000).padStart(3, "0")}Z`;
}

/** To a tenth of a millisecond: all further digits of the three would be a fifth of an attempt in the store. */
function rounded<Ms extends number | null>(ms: Ms): Ms {
  return (ms === null ? null : Math.round(ms * 10) / 10) as Ms;
}
