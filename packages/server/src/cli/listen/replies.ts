import { InvalidArgumentError } from "commander";

/** The answer to a webhook: a status, or none at all. */
export type Reply = number | "drop";

/** A status that ends an exchange (RFC 9110 §15). */
export function parseStatus(text: string): number {
  const status = /^\d{3}$/.test(text) ? Number(text) : 0;
  if (status < 200) throw new InvalidArgumentError("It is not a status from 200 to 999.");
  return status;
}

/** `500,drop,200`. */
export function parseSequence(text: string): Reply[] {
  return text.split(",").map((word) => (word.trim() === "drop" ? "drop" : parseStatus(word.trim())));
}

export function parseSeconds(text: string): number {
  const seconds = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw new InvalidArgumentError("It is not a number of seconds.");
  return seconds;
}

/** Gives replies in turn; the last stands for all further webhooks. */
export function inTurn(replies: readonly Reply[]): () => Reply {
  let next = 0;
  return () => replies[Math.min(next++, replies.length - 1)] ?? 200;
}
