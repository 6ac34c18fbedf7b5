/** A carrier's form of numbers: E.164 digits, with `+` or `00` before them, or its country's numbers in national form. */
export type NumberFormat = "international" | "plus" | "00" | NationalFormat;

export interface NationalFormat {
  /** The country's code (E.164 §6.2.1). */
  national: string;
  /** The prefix of a national number, mostly `0`; may be empty. */
  prefix: string;
}

/** E.164 digits in the carrier's form. `national`: the result is in national form. */
export function writtenNumber(digits: string, format: NumberFormat): { address: string; national: boolean } {
  if (format === "international") return { address: digits, national: false };
  if (format === "plus") return { address: `+${digits}`, national: false };
  if (format === "00") return { address: `00${digits}`, national: false };
  const national = digits.startsWith(format.national);
  return { address: national ? format.prefix + digits.slice(format.national.length) : digits, national };
}

/**
 * A carrier's address in E.164 if it is in national form; else unchanged. With an empty prefix, a number that begins with
 * the country's code counts as international.
 */
export function readNumber(address: string, format: NumberFormat): string {
  if (typeof format === "string" || !/^\d{3,15}$/.test(address) || address.startsWith("00")) return address;
  const { national, prefix } = format;
  if (prefix === "" ? address.startsWith(national) : !address.startsWith(prefix)) return address;
  return national + address.slice(prefix.length);
}
