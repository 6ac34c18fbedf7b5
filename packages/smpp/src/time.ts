/**
 * The time format of SMPP 3.4 §7.1.1, sixteen characters: `YYMMDDhhmmsstnnp`. Absolute: `t` tenths of a second, `nn`
 * quarters of an hour that local time is ahead of (`+`) or behind (`-`) UTC. Relative: `p` is `R`, `tnn` is `000`.
 */
export type SmppTime =
  | { readonly kind: "absolute"; readonly date: Date }
  | {
      readonly kind: "relative";
      readonly years: number;
      readonly months: number;
      readonly days: number;
      readonly hours: number;
      readonly minutes: number;
      readonly seconds: number;
    };

const form = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([+\-R])$/;

/** Undefined if the text is not of this form or not in the calendar. Years are 2000 to 2099. */
export function parseTime(text: string): SmppTime | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [years, months, days, hours, minutes, seconds, tenths, quarters] = match.slice(1, 9).map(Number) as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  const sign = match[9];
  if (sign === "R") return { kind: "relative", years, months, days, hours, minutes, seconds };
  const local = Date.UTC(2000 + years, months - 1, days, hours, minutes, seconds, tenths * 100);
  const exists =
    quarters <= 48 &&
    seconds < 60 &&
    minutes < 60 &&
    hours < 24 &&
    new Date(local).getUTCDate() === days &&
    new Date(local).getUTCMonth() === months - 1;
  if (!exists) return undefined;
  return { kind: "absolute", date: new Date(local - (sign === "-" ? -quarters : quarters) * 900_000) };
}

/** In UTC, tenths of a second cut off. @throws RangeError outside the years 2000 to 2099 */
export function formatAbsoluteTime(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 2000 && year <= 2099))
    throw new RangeError(`${date.getTime()} ms is not within the years 2000 to 2099`);
  const digits = date.toISOString().replace(/\D/g, "");
  return `${digits.slice(2, 15)}00+`;
}

const maxRelativeSeconds = 31 * 86_400;

/**
 * From now, in whole seconds, in days and less (months and years have no fixed length).
 * @throws RangeError beyond 31 days: use the absolute form there
 */
export function formatRelativeTime(seconds: number): string {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > maxRelativeSeconds) {
    throw new RangeError(`${seconds} s has no relative form; 0 to ${maxRelativeSeconds} have`);
  }
  const days = twoDigits(Math.floor(seconds / 86_400));
  const hours = twoDigits(Math.floor(seconds / 3_600) % 24);
  const minutes = twoDigits(Math.floor(seconds / 60) % 60);
  return `0000${days}${hours}${minutes}${twoDigits(seconds % 60)}000R`;
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}
