/** The reason for which a message that is not final waits. */
export const WAITING_REASONS = [
  "no-link",
  "window",
  "throughput",
  "slowed",
  "queue",
  "receipt",
  "disk",
  "store",
] as const;
export type WaitingReason = (typeof WAITING_REASONS)[number];

/** Why a message waits that is in the engine's memory. */
export interface WhyWaiting {
  why: WaitingReason;
  /** Of `queue`: how many go before it. */
  ahead?: number;
  /** Lines of its story (story.ts) that no row has yet. */
  said: string | null;
}
