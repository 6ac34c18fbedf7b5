import { endpointNumber } from "../../message/endpoint.ts";
import { PROBED } from "../../message/endpoint-state.ts";
import { batchOf, timeOf } from "../../message/id.ts";
import { isSmppUrl, withoutOrigin } from "../../message/smpp-origin.ts";
import { type Attempt, receiptBody, visibleBatch, WEBHOOK_STATES } from "../../message/webhook.ts";
import { reasonOf } from "../../network/fault.ts";
import type { Database } from "../../store/database.ts";
import { findHolds, type Hold } from "../../store/webhooks/endpoint-states.ts";
import type { WholeWebhook } from "../../store/webhooks/find-webhook.ts";
import type { WebhookRow } from "../../store/webhooks/list-webhooks.ts";

const PENDING = WEBHOOK_STATES.indexOf("pending");

/** Why a webhook is held back: its endpoint is only probed, or its receiver has asked for a pause (Retry-After). */
export const HOLD_REASONS = ["endpoint_fails", "retry_after"] as const;
type HoldReason = (typeof HOLD_REASONS)[number];

type Listed = Omit<WebhookRow, "lastAttempt">;

/** Reads the facts that webhooks of one account are shown with. */
export async function holdsOf(db: Database, accountId: number, rows: readonly Listed[]): Promise<Holds> {
  const numbers = rows.flatMap(({ state, url }) =>
    state === PENDING ? [endpointNumber(accountId, originOf(url))] : [],
  );
  const holds = await findHolds(db, accountId, [...new Set(numbers)]);
  const byNumber = new Map(holds.map((hold) => [hold.endpoint, hold]));
  return (origin) => byNumber.get(endpointNumber(accountId, origin));
}

/** The reason why webhooks to an origin are held back. */
type Holds = (origin: string) => Hold | undefined;

/** A webhook in its account's list. @param now epoch milliseconds */
export function webhookItem(row: WebhookRow, holds: Holds, now: number) {
  return {
    ...webhook(row, holds, now),
    last_attempt: row.lastAttempt === null ? null : summary(attempt(row.lastAttempt)),
  };
}

/** A webhook with its body and every attempt. */
export function webhookDetails(row: WholeWebhook, holds: Holds, now: number) {
  const own = row.kind === "intermediate" ? null : row.body;
  const body = own ?? (row.message === null ? null : receiptBody(row.id, row.message));
  return { ...webhook(row, holds, now), body, attempts: row.attempts.map(attempt) };
}

function webhook(row: Listed, holds: Holds, now: number) {
  const { id, kind, state, url, tries } = row;
  const hold = state === PENDING ? holds(originOf(url)) : undefined;
  // A due webhook waits for its turn, which may come at once, or for the next probe: its next try is never in the past.
  const soonest = Math.max(now, hold?.nextProbeAt.getTime() ?? 0);
  const due = row.nextAt?.getTime();
  const held = hold !== undefined && due !== undefined && due <= soonest ? heldBy(hold) : null;
  return {
    id,
    kind,
    state: WEBHOOK_STATES[state],
    endpoint: originOf(url),
    url: withoutOrigin(url),
    ...about(row),
    tries,
    created_at: new Date(timeOf(id)).toISOString(),
    next_at: due === undefined ? null : new Date(Math.max(due, held === null ? now : soonest)).toISOString(),
    held,
  };
}

function heldBy({ state, since, nextProbeAt }: Hold) {
  const why: HoldReason = state === PROBED ? "endpoint_fails" : "retry_after";
  return { why, since: since.toISOString(), next_probe_at: nextProbeAt.toISOString() };
}

/** The origin of a URL; all of a URL that cannot be read. */
function originOf(url: string): string {
  if (isSmppUrl(url)) return withoutOrigin(url);
  return URL.canParse(url) ? new URL(url).origin : url;
}

/** The webhook's message, under the caller's identifier. */
function about(row: Listed): { batch_uuid: string | null; message_uuid: string | null } {
  if (row.kind === "receipt") return { batch_uuid: visibleBatch(row.id, row), message_uuid: row.givenId ?? row.id };
  if (row.kind === "intermediate") return { batch_uuid: batchOf(row.body as string), message_uuid: row.body };
  const body = JSON.parse(row.body ?? "{}") as { batch_uuid?: string; message_uuid?: string };
  return { batch_uuid: body.batch_uuid ?? null, message_uuid: body.message_uuid ?? null };
}

function attempt(json: string) {
  const { at, status, fault, tls, answer, connectMs, firstByteMs, totalMs } = JSON.parse(json) as Attempt;
  // Over SMPP 0 is success (command_status), and over HTTP none at all.
  const delivered = status === 0 || (status !== null && status >= 200 && status < 300);
  return {
    at,
    status,
    fault,
    reason: delivered ? null : reasonOf(status, fault, tls),
    connect_ms: connectMs,
    first_byte_ms: firstByteMs,
    total_ms: totalMs,
    answer,
  };
}

function summary({ at, status, fault, reason }: ReturnType<typeof attempt>) {
  return { at, status, fault, reason };
}
