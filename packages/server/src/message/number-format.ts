/** How a carrier writes numbers: E.164 digits, with `+` or `00` before them, or the numbers of its country as there. */
export type NumberFormat = "international" | "plus" | "00" | NationalFormat;

export interface NationalFormat {
  /** The country's code (E.164 §6.2.1). */
  national: string;
  /** The prefix of a national number, mostly `0`; may be empty. */
  prefix: string;
}

/** Digits in E.164 as the carrier wants them. `national`: it is a number of the country, in its national form. */
export function writtenNumber(digits: string, format: NumberFormat): { address: string; national: boolean } {
  if (format === "international") return { address: digits, national: false };
  if (format === "plus") return { address: `+${digits}`, national: false };
  if (format === "00") return { address: `00${digits}`, national: false };
  const national = digits.startsWith(format.national);
  return { address: national ? format.prefix + digits.slice(format.national.length) : digits, national };
}

/**
 * An address that the carrier wrote, in E.164 where it is in national form; else as it came. With an empty prefix a
 * number that begins with the country's code is taken for an international one.
 */
export function readNumber(address: string, format: NumberFormat): string {
  if (typeof format === "string" || !/^\d{3,15}$/.test(address) || address.startsWith("00")) return address;
  const { national, prefix } = format;
  if (prefix === "" ? address.startsWith(national) : !address.startsWith(prefix)) return address;
  return national + address.slice(prefix.length);
}
