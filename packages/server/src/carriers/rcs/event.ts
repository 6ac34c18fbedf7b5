import { encodeUcs2 } from "../../message/gsm.ts";
import type { RcsAnswer } from "../../message/inbound.ts";
import { parseIsoTime } from "../../message/iso-time.ts";
import { isObject } from "../../runtime/is-object.ts";
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
/** data_coding (§5.2.19). */
const UCS2 = 8;

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
    said: { error: null, text: JSON.stringify(event) },
    ...(eventType === "READ" ? { read: true } : {}),
    ...(at === null ? {} : { doneAt: at }),
  };
}

/**
 * A message from a handset (UserMessage, SuggestionResponse, UserFile and LatLng, at the same place; read on 2026-11-29), as
 * a text from it. The platform posts one that is not answered again, under the same messageId. Null for input that is none.
 */
export function readAnswer(event: unknown, agentId: string): Delivery | null {
  const { senderPhoneNumber, messageId, ...content } = Object(event) as Record<string, unknown>;
  const answer = answerOf(content);
  if (answer === null || typeof senderPhoneNumber !== "string") return null;
  return {
    source: senderPhoneNumber,
    destination: agentId,
    esmClass: 0,
    dataCoding: UCS2,
    body: encodeUcs2(answer.text),
    tlvs: {},
    rcs: answer.rcs,
    ...(typeof messageId === "string" && messageId !== "" ? { inboundId: messageId } : {}),
  };
}

function answerOf({ text, suggestionResponse, userFile, location }: Record<string, unknown>): {
  text: string;
  rcs: RcsAnswer;
} | null {
  if (typeof text === "string") return { text, rcs: { type: "text" } };
  if (isObject(suggestionResponse)) {
    const { text: words } = suggestionResponse;
    return { text: typeof words === "string" ? words : "", rcs: { ...suggestionResponse, type: "suggestion" } };
  }
  if (isObject(userFile)) return { text: "", rcs: { ...userFile, type: "file" } };
  // Protobuf's JSON leaves a zero out.
  if (isObject(location)) return { text: "", rcs: { latitude: 0, longitude: 0, ...location, type: "location" } };
  return null;
}
