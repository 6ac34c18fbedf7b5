/**
 * The dates of receipts. SMPP 3.4 appendix B has ten digits, YYMMDDhhmm; carriers also write seconds, a whole year, the
 * absolute time of §7.1.1, or ISO 8601 with a space. A date without an offset is read as UTC: the carrier's zone is
 * unknown, so a date may be hours off. It is for people to look at, not to decide by.
 */

const DIGITS = /^\d+$/;
/** §7.1.1: YYMMDDhhmmss, tenths of a second, quarter hours from UTC, and the direction. (R, a relative time, is no date.) */
const ABSOLUTE = /^(\d{12})\d(\d\d)([+-])$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?/;

/** Null if it is absent (nothing, or all zeros), not in the calendar, or in no known form. Never throws. */
export function readDate(text: string): Date | null {
  const absolute = ABSOLUTE.exec(text);
  if (absolute) {
    const local = twoDigitYear(absolute[1]!);
    const offset = Number(absolute[2]) * 15 * 60_000 * (absolute[3] === "+" ? 1 : -1);
    return local && new Date(local.getTime() - offset);
  }
  const iso = ISO.exec(text);
  if (iso) return wholeYear(iso.slice(1).join(""));
  if (!DIGITS.test(text)) return null;
  switch (text.length) {
    case 10:
      return twoDigitYear(text);
    case 12:
      // A few carriers mean YYYYMMDDhhmm, which cannot be the usual form until 2032 (no month is 13 or more).
      return twoDigitYear(text) ?? wholeYear(text);
    case 14:
      return wholeYear(text);
    default:
      return null;
  }
}

function twoDigitYear(digits: string): Date | null {
  return wholeYear(`20${digits}`);
}

/** YYYYMMDDhhmm, with or without ss. */
function wholeYear(digits: string): Date | null {
  const number = (from: number, to: number) => Number(digits.slice(from, to));
  const [year, month, day] = [number(0, 4), number(4, 6), number(6, 8)];
  const [hour, minute, second] = [number(8, 10), number(10, 12), number(12, 14)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date turns 31 February into a day of March instead of refusing it.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}
