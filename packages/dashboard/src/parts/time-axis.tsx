import { zoneText } from "./values.tsx";

const DAY_SECONDS = 86_400;
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const UTC_DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const LOCAL = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });

/** Words at a time axis: the clock, and the date where a day begins. @param splits in epoch seconds */
export function axisText(splits: readonly number[], by: "minute" | "hour" | "day"): string[] {
  const ofDays = splits.length > 1 && splits[1]! - splits[0]! >= DAY_SECONDS;
  return splits.map((seconds) => {
    const at = new Date(seconds * 1_000);
    if (by === "day") return UTC_DATE.format(at);
    return ofDays || (at.getHours() === 0 && at.getMinutes() === 0) ? DATE.format(at) : CLOCK.format(at);
  });
}

/** The beginning of a span: of minutes and hours in the reader's time zone; of days, which are of UTC, the date. */
export function SpanText({ at, by }: { at: number; by: "minute" | "hour" | "day" }) {
  const date = new Date(at);
  const [text, zone] = by === "day" ? [date.toISOString().slice(0, 10), "UTC"] : [LOCAL.format(date), zoneText(date)];
  return (
    <time dateTime={date.toISOString()}>
      {text} <small>{zone}</small>
    </time>
  );
}
