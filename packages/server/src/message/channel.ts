/** The ways by which a message reaches its handset. */
export const CHANNELS = ["sms", "rcs"] as const;
export type Channel = (typeof CHANNELS)[number];

/** The channel of a message that names none. */
export const USUAL_CHANNEL: Channel = "sms";

/** The channel that a carrier of this type serves. */
export function channelOf({ type }: { type: string }): Channel {
  return type === "rcs" ? "rcs" : "sms";
}

/** A message's current channel and the one to try after it; there are no more than two. */
export interface ChannelPlan {
  channel: Channel;
  fallback: Channel | null;
}

/** Each channel is tried once, in the order in which it is first named. Null for SMS alone. */
export function planOf(channels: readonly Channel[]): ChannelPlan | null {
  const [channel = USUAL_CHANNEL, fallback = null] = new Set(channels);
  return channel === USUAL_CHANNEL && fallback === null ? null : { channel, fallback };
}

/** The events of a delivery come a little after it. */
const LATE_MS = 10_000;

/** Epoch milliseconds. */
export interface ChannelTimes {
  /** If the message is not delivered by then, the next channel is tried. */
  deliverBy: number;
  /** If the carrier has not reported by then, the next channel is tried. */
  receiptBy: number;
}

/**
 * The time of a channel with another one behind it, from `now` on: `fallbackAfterMs`, but at most half of the message's
 * remaining validity, so that the next channel has time too. The carrier's report may come a little later, at most half as
 * long again.
 */
export function channelTimes(now: number, expiresAt: number, fallbackAfterMs: number): ChannelTimes {
  const time = Math.max(0, Math.min(fallbackAfterMs, (expiresAt - now) / 2));
  return { deliverBy: now + time, receiptBy: now + time + Math.min(LATE_MS, time / 2) };
}
