/** By which way a message reaches its handset. */
export const CHANNELS = ["sms", "rcs"] as const;
export type Channel = (typeof CHANNELS)[number];

/** The channel of a message that names none. */
export const USUAL_CHANNEL: Channel = "sms";

/** The channel that a carrier of this type serves. */
export function channelOf({ type }: { type: string }): Channel {
  return type === "rcs" ? "rcs" : "sms";
}

/** The channel that a message is at, and the one that is tried after it; there are no more than two. */
export interface ChannelPlan {
  channel: Channel;
  fallback: Channel | null;
}

/** Each channel is tried once, in the order in which it is first named. Null for what is sent as usual: by SMS alone. */
export function planOf(channels: readonly Channel[]): ChannelPlan | null {
  const [channel = USUAL_CHANNEL, fallback = null] = new Set(channels);
  return channel === USUAL_CHANNEL && fallback === null ? null : { channel, fallback };
}

/** The events of a delivery come a little later than it. */
const LATE_MS = 10_000;

/** Epoch milliseconds. */
export interface ChannelTimes {
  /** The message is to be delivered by then, or the next channel is tried. */
  deliverBy: number;
  /** Without a word of the carrier by then, the next channel is tried. */
  receiptBy: number;
}

/**
 * How long a channel that has another behind it may take, from `now` on: `fallbackAfterMs`, but never more than half of
 * what is left of the message's validity, so that the next one has a time too. What the carrier has to say is waited for
 * a little longer, at most half as long again.
 */
export function channelTimes(now: number, expiresAt: number, fallbackAfterMs: number): ChannelTimes {
  const time = Math.max(0, Math.min(fallbackAfterMs, (expiresAt - now) / 2));
  return { deliverBy: now + time, receiptBy: now + time + Math.min(LATE_MS, time / 2) };
}
