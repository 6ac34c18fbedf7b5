/** The form of a date and time. `parseIsoTime` decides which of them are in the calendar. */
export const ISO_TIME =
  /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?$/;

/** The fault of a field whose text is none. */
export const NOT_A_TIME = "is not a date and time of ISO 8601, as in 2030-01-31T09:30Z";

/** The last millisecond that a Date holds, in the year 275760 (ECMA-262 §21.4.1.1). */
export const LAST_TIME = 8.64e15;

/**
 * A date and time of ISO 8601 in the extended format, in epoch milliseconds; null if it is none or not in the calendar.
 * Without an offset it is GMT; seconds may be missing; a leap second is the second after.
 */
export function parseIsoTime(text: string): number | null {
  const match = ISO_TIME.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = "0", fraction = "0", , sign, offsetHour = "0", offsetMinute = "0"] =
    match;
  const [h, m, s, oh, om] = [hour, minute, second, offsetHour, offsetMinute].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const endOfDay = h === 24 && m === 0 && s === 0 && Number(fraction) === 0;
  if ((h > 23 && !endOfDay) || m > 59 || s > 60 || oh > 23 || om > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  const milliseconds = Math.floor(Number(`0.${fraction}`) * 1_000);
  const offset = (oh * 60 + om) * 60_000 * (sign === "-" ? -1 : 1);
  const at = date.getTime() + ((h * 60 + m) * 60 + s) * 1_000 + milliseconds - offset;
  return Math.abs(at) <= LAST_TIME ? at : null;
}
