import type { NewBatch } from "./insert-batches.ts";
import type { NewMessage } from "./insert-messages.ts";

/** The fields that a batch's messages share; null for messages that are batches of their own. */
export type BundleBatch = Pick<NewBatch, "sender" | "body" | "callback" | "endpoint" | "givenId">;

/** A message of a bundle. */
export interface BundleMessage {
  id: string;
  accountId: number;
  destination: string;
  parts: number;
  expiresAt: number;
  receiptBy: number | undefined;
  batchId: string | undefined;
  givenId: string | undefined;
  sender: string | undefined;
  body: string | undefined;
  callback: string | undefined;
  endpoint: number | undefined;
}

/** Fields that all messages of a bundle may have alike. */
type Shareable =
  | "accountId"
  | "parts"
  | "expiresAt"
  | "receiptBy"
  | "batchId"
  | "sender"
  | "body"
  | "callback"
  | "endpoint";
type Shared = { [Name in Shareable]: BundleMessage[Name] | undefined };

/** Of each message what it does not share with all others. JSON leaves out what is undefined. */
interface BundleContent {
  shared: Shared;
  messages: (Shared & Omit<BundleMessage, Shareable>)[];
}

/** Null is undefined here, and what differs from one message to another. */
function sharedBy(messages: readonly NewMessage[]): Shared {
  const first = messages[0] as NewMessage;
  const same = <Value>(read: (message: NewMessage) => Value): NonNullable<Value> | undefined => {
    const value = read(first);
    return messages.every((message) => read(message) === value) ? (value ?? undefined) : undefined;
  };
  return {
    accountId: same(({ accountId }) => accountId),
    parts: same(({ parts }) => parts),
    expiresAt: same(({ expiresAt }) => expiresAt),
    receiptBy: same(({ receiptBy }) => receiptBy),
    batchId: same(({ batchId }) => batchId),
    sender: same(({ sender }) => sender),
    body: same(({ body }) => body),
    callback: same(({ callback }) => callback),
    endpoint: same(({ endpoint }) => endpoint),
  };
}

/** The text of a bundle, which bundled_message of migrations/0009_shared.sql reads too. */
export function bundleContent(messages: readonly NewMessage[]): string {
  const shared = sharedBy(messages);
  const own = messages.map((message) => ({
    id: message.id,
    accountId: shared.accountId === undefined ? message.accountId : undefined,
    destination: message.destination,
    parts: shared.parts === undefined ? message.parts : undefined,
    expiresAt: shared.expiresAt === undefined ? message.expiresAt : undefined,
    receiptBy: shared.receiptBy === undefined ? (message.receiptBy ?? undefined) : undefined,
    batchId: shared.batchId === undefined ? (message.batchId ?? undefined) : undefined,
    givenId: message.givenId ?? undefined,
    sender: shared.sender === undefined ? (message.sender ?? undefined) : undefined,
    body: shared.body === undefined ? (message.body ?? undefined) : undefined,
    callback: shared.callback === undefined ? (message.callback ?? undefined) : undefined,
    endpoint: shared.endpoint === undefined ? (message.endpoint ?? undefined) : undefined,
  }));
  const content: BundleContent = { shared, messages: own };
  return JSON.stringify(content);
}

/** Field by field, so that all have one shape: rows are written from these for every message. */
export function bundleMessages(text: string): BundleMessage[] {
  const { shared, messages } = JSON.parse(text) as BundleContent;
  return messages.map((own) => ({
    id: own.id,
    accountId: (own.accountId ?? shared.accountId) as number,
    destination: own.destination,
    parts: (own.parts ?? shared.parts) as number,
    expiresAt: (own.expiresAt ?? shared.expiresAt) as number,
    receiptBy: own.receiptBy ?? shared.receiptBy,
    batchId: own.batchId ?? shared.batchId,
    givenId: own.givenId,
    sender: own.sender ?? shared.sender,
    body: own.body ?? shared.body,
    callback: own.callback ?? shared.callback,
    endpoint: own.endpoint ?? shared.endpoint,
  }));
}
