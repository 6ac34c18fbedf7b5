import { messageId, newBatchId } from "../../src/message/id.ts";
import type { NewMessage } from "../../src/store/messages/insert-messages.ts";

/** A single message as accept has it stored, in nobody's memory. */
export function newMessage(over: Partial<NewMessage> = {}): NewMessage {
  return {
    id: messageId(newBatchId(Date.now()), 1),
    accountId: 1,
    destination: "447700900123",
    parts: 1,
    expiresAt: Date.now() + 60_000,
    receiptBy: null,
    leasedBy: 0,
    batchId: null,
    givenId: null,
    sender: "MyShop",
    body: "Hello",
    callback: null,
    endpoint: null,
    ...over,
  };
}
