/** The reasons for which a message waits before it is final. */
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

/** The reason for which a message in the engine's memory waits. */
export interface WhyWaiting {
  why: WaitingReason;
  /** Of `queue`: the number of messages before it. */
  ahead?: number;
  /** Lines of its story (story.ts) that no row has yet. */
  said: string | null;
}
