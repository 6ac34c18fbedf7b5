import { parseIsoTime } from "../../message/iso-time.ts";
import type { Delivery } from "../carrier.ts";

/**
 * The message_state of SMPP 3.4 §5.2.28 for each UserEvent.EventType and ServerEvent.EventType
 * (https://developers.google.com/business-communications/rcs-business-messaging/reference/rest/v1/UserEvent, …/ServerEvent);
 * a message that was read was delivered. TTL_EXPIRATION_REVOKE_FAILED is missing, because nobody knows yet whether that
 * message was delivered.
 */
const STATES: Readonly<Record<string, number>> = { DELIVERED: 2, READ: 2, TTL_EXPIRATION_REVOKED: 3 };
/** esm_class of a receipt (§5.2.12). */
const RECEIPT = 0x04;
const NOTHING = Buffer.alloc(0);

/**
 * An event on a message, as a receipt: a user's event names the handset as `senderPhoneNumber`, the platform's as
 * `phoneNumber`. Null for every other event, and for input that is no event.
 */
export function readEvent(event: unknown): Delivery | null {
  const { eventType, messageId, senderPhoneNumber, phoneNumber, sendTime } = Object(event) as Record<string, unknown>;
  const message_state =
    typeof eventType === "string" && Object.hasOwn(STATES, eventType) ? STATES[eventType] : undefined;
  if (message_state === undefined || typeof messageId !== "string" || messageId === "") return null;
  const source = senderPhoneNumber ?? phoneNumber;
  const at = typeof sendTime === "string" ? parseIsoTime(sendTime) : null;
  return {
    source: typeof source === "string" ? source : "",
    destination: "",
    esmClass: RECEIPT,
    dataCoding: 0,
    body: NOTHING,
    tlvs: { receipted_message_id: messageId, message_state },
    ...(eventType === "READ" ? { read: true } : {}),
    ...(at === null ? {} : { doneAt: at }),
  };
}
