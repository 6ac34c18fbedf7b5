import { commandStatus, formatAbsoluteTime, messageState, type OtherAnswer } from "@messaging-plus/smpp";
import { cancelScheduled } from "../account/cancel.ts";
import { batchOf, isUuid, messageId, numberOf } from "../message/id.ts";
import { ACCEPTED, DELIVERED, FAILED } from "../message/lifecycle.ts";
import { normaliseSenderId } from "../message/sender-id.ts";
import { smppFailure } from "../message/smpp-failure.ts";
import type { Connections } from "../store/database.ts";
import { batchDetails } from "../store/messages/batch-details.ts";
import { findOwnMessage, type OwnMessage } from "../store/messages/find-own-message.ts";
import { Refused } from "./status.ts";

/** The fields by which query_sm and cancel_sm name a message (SMPP 3.4 §4.8.1, §4.9.1). */
interface Named {
  message_id: string;
  source_addr: string;
}

/** The answer to query_sm. @throws Refused 0x67 if the account has no such message from this source */
export async function queried(db: Connections, accountId: number, named: Named): Promise<OtherAnswer> {
  const message = await find(db, accountId, named, commandStatus.ESME_RQUERYFAIL);
  return {
    command_status: commandStatus.ESME_ROK,
    message_id: named.message_id,
    final_date: message.finalAt === null ? "" : formatAbsoluteTime(message.finalAt),
    message_state: stateOf(message),
    error_code: message.code ?? 0,
  };
}

/**
 * Cancels a scheduled message, or one that waits for a carrier, which fails.
 * @param cancelWaiting resolves with whether the message waited
 * @throws Refused 0x11 if there is none, or it is being sent or was
 */
export async function cancelled(
  db: Connections,
  accountId: number,
  named: Named,
  cancelWaiting: (message: string) => Promise<boolean>,
): Promise<OtherAnswer> {
  const { id, state, destination } = await find(db, accountId, named, commandStatus.ESME_RCANCELFAIL);
  const isHeld = destination !== null && (await cancelScheduled(db, accountId, batchOf(id), destination));
  const mayWait = state === null || state === ACCEPTED;
  if (!isHeld && !(mayWait && (await cancelWaiting(id)))) {
    throw new Refused(commandStatus.ESME_RCANCELFAIL, "message_id", "names a message that is being sent, or was");
  }
  return { command_status: commandStatus.ESME_ROK };
}

/** A message, and the handset of one that has no row yet. */
interface Found extends OwnMessage {
  id: string;
  /** Digits. */
  destination: string | null;
}

async function find(db: Connections, accountId: number, named: Named, status: number): Promise<Found> {
  const id = named.message_id.toLowerCase();
  const unknown = new Refused(status, "message_id", "names no message of this account from this source");
  if (!isUuid(id) || numberOf(id) === 0) throw unknown;
  const message = await findOwnMessage(db, accountId, id);
  if (message.sender !== null && message.sender !== normaliseSenderId(named.source_addr)) throw unknown;
  if (message.state !== null) return { ...message, id, destination: null };
  const before = messageId(batchOf(id), numberOf(id) - 1);
  const [detail] = await batchDetails(db, accountId, before, id, 1);
  // Behind a handset that was taken out of a batch comes the next.
  if (detail?.id !== id) throw unknown;
  return { ...message, id, destination: detail.destination };
}

function stateOf({ state, code }: OwnMessage): number {
  if (state === DELIVERED) return messageState.DELIVERED;
  if (state !== FAILED) return messageState.ENROUTE;
  const [, failed] = smppFailure(code ?? 0);
  return failed;
}
