import { parseTime } from "@messaging-plus/smpp";

/**
 * schedule_delivery_time or validity_period (SMPP 3.4 §7.1.1) as epoch milliseconds. Null if it is empty, which means at
 * once, or the default validity. Undefined if it is invalid.
 */
export function timeOfPdu(text: string, now: number): number | null | undefined {
  if (text === "") return null;
  const time = parseTime(text);
  if (time === undefined) return undefined;
  if (time.kind === "absolute") return time.date.getTime();
  const { years, months, days, hours, minutes, seconds } = time;
  const date = new Date(now);
  date.setUTCFullYear(date.getUTCFullYear() + years, date.getUTCMonth() + months);
  return date.getTime() + (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
