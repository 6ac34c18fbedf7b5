import { timeOf } from "../../message/id.ts";
import { type Attempt, receiptBody, visibleBatch, WEBHOOK_STATES } from "../../message/webhook.ts";
import { reasonOf } from "../../network/fault.ts";
import type { WholeWebhook } from "../../store/webhooks/find-webhook.ts";
import type { WebhookRow } from "../../store/webhooks/list-webhooks.ts";

type Listed = Omit<WebhookRow, "lastAttempt">;

/** A webhook as its account sees it in a list. */
export function webhookItem(row: WebhookRow) {
  return { ...webhook(row), last_attempt: row.lastAttempt === null ? null : summary(attempt(row.lastAttempt)) };
}

/** A webhook with what is sent and every attempt. */
export function webhookDetails(row: WholeWebhook) {
  const body = row.body ?? (row.message === null ? null : receiptBody(row.id, row.message));
  return { ...webhook(row), body, attempts: row.attempts.map(attempt) };
}

function webhook(row: Listed) {
  const { id, kind, state, url, tries, nextAt } = row;
  return {
    id,
    kind,
    state: WEBHOOK_STATES[state],
    endpoint: new URL(url).origin,
    url,
    ...about(row),
    tries,
    created_at: new Date(timeOf(id)).toISOString(),
    next_at: nextAt?.toISOString() ?? null,
  };
}

/** The message that it is about, as its caller knows it. */
function about(row: Listed): { batch_uuid: string | null; message_uuid: string | null } {
  if (row.kind === "receipt") return { batch_uuid: visibleBatch(row.id, row), message_uuid: row.givenId ?? row.id };
  const body = JSON.parse(row.body ?? "{}") as { batch_uuid?: string; message_uuid?: string };
  return { batch_uuid: body.batch_uuid ?? null, message_uuid: body.message_uuid ?? null };
}

function attempt(json: string) {
  const { at, status, fault, tls, answer, connectMs, firstByteMs, totalMs } = JSON.parse(json) as Attempt;
  const delivered = status !== null && status >= 200 && status < 300;
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
