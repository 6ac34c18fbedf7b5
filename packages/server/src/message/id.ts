import { randomFillSync } from "node:crypto";

/**
 * Identifiers are UUIDs of version 7 (RFC 9562 §5.7): 48 bits of epoch milliseconds, so that tables partition by time,
 * then 54 random bits, then 20 bits that number the messages of a batch. A batch has number 0 and its messages 1, 2, …:
 * a message's batch follows from the message's id, and the messages of a batch are one range of the primary key, with
 * no column or index for it. 54 random bits leave a chance of about 10⁻¹⁵ per millisecond that two of ten batches meet.
 */

/** The last millisecond that 48 bits hold: 10889-08-02T05:31:50.655Z. */
const LAST_TIME = 0xffff_ffff_ffff;

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const POOL_BYTES = 8 * 512;
const pool = Buffer.allocUnsafe(POOL_BYTES);
let used = POOL_BYTES;

/** A new batch id with the time `at` (epoch milliseconds), or the last possible time. */
export function newBatchId(at: number): string {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.toString("hex", used, used + 7);
  used += 8;
  const variant = (0x8 | (Number.parseInt(random[3] as string, 16) & 0x3)).toString(16);
  return `${timePrefix(at)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 14)}00000`;
}

/** The id of message `number` (1…) of a batch. */
export function messageId(batchId: string, number: number): string {
  return batchId.slice(0, 31) + number.toString(16).padStart(5, "0");
}

/** The number of a message in its batch; 0 for the batch itself. */
export function numberOf(id: string): number {
  return Number.parseInt(id.slice(31), 16);
}

/** The batch of a message id. */
export function batchOf(id: string): string {
  return `${id.slice(0, 31)}00000`;
}

/** The last id that a message of this batch can have. */
export function lastOf(batchId: string): string {
  return `${batchId.slice(0, 31)}fffff`;
}

/** The lowest id of its millisecond: a bound for ranges and partitions. */
export function firstIdAt(at: number): string {
  return `${timePrefix(Math.max(0, at))}-0000-0000-000000000000`;
}

/** The time of an id, in epoch milliseconds. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

export function isUuid(text: string): boolean {
  return text.length === 36 && UUID.test(text);
}

let lastTime = -1;
let lastPrefix = "";

/** Cached for the millisecond: under load several messages come in each. */
function timePrefix(at: number): string {
  const time = Math.min(Math.floor(at), LAST_TIME);
  if (time !== lastTime) {
    const hex = time.toString(16).padStart(12, "0");
    lastPrefix = `${hex.slice(0, 8)}-${hex.slice(8)}`;
    lastTime = time;
  }
  return lastPrefix;
}
