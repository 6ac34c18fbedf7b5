import metadata from "libphonenumber-js/min/metadata";

/**
 * Which lengths a number may have, by its first three digits: bit n is set where n digits in all, calling code
 * included, are possible. No bit: no such calling code. Calling codes are prefix-free (ITU-T E.164), so three digits
 * tell them all apart. The lengths are those of the numbering plans that libphonenumber collects, of every kind of
 * number: a length is a fact that seldom changes, a range of mobile prefixes is not, and a real number must not be
 * refused. (libphonenumber's own parser answers the same for 16 µs a number; a batch has 100,000.)
 */
const POSSIBLE_LENGTHS = new Uint16Array(1000);

/** E.164 §6.1: 15 digits at most. No subscriber of a public network has a number of fewer than 7. */
const SHORTEST = 7;
const LONGEST = 15;

/** Where a plan's lengths stand in libphonenumber-js's metadata, an array per country. */
const LENGTHS = 3;

for (const [callingCode, countries] of Object.entries(metadata.country_calling_codes)) {
  // The country that gives a shared plan its name comes first, and allows every length that a mobile number of the
  // others may have.
  allow(callingCode, metadata.countries[countries[0]!]![LENGTHS] as number[]);
}
for (const [callingCode, plan] of Object.entries(metadata.nonGeographic)) {
  allow(callingCode, plan[LENGTHS] as number[]);
}
// Mexico's mobile numbers lost the 1 after their calling code in August 2019; address books and carriers still have it.
allow("521", [10]);

function allow(prefix: string, nationalLengths: readonly number[]): void {
  let bits = 0;
  for (const length of nationalLengths) {
    const total = prefix.length + length;
    if (total >= SHORTEST && total <= LONGEST) bits |= 1 << total;
  }
  const size = 10 ** (3 - prefix.length);
  const first = Number(prefix) * size;
  for (let digits = first; digits < first + size; digits++) POSSIBLE_LENGTHS[digits]! |= bits;
}

/**
 * A mobile number in E.164, with or without its `+`, as digits alone; null when it is none: anything but digits in
 * it, a leading zero, fewer than 7 digits or more than 15, no such calling code, or a length that its country does
 * not have.
 */
export function normaliseMsisdn(input: string): string | null {
  const digits = input.charCodeAt(0) === 0x2b ? input.slice(1) : input;
  if (digits.length < SHORTEST || digits.length > LONGEST) return null;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return null;
  }
  const lengths = POSSIBLE_LENGTHS[Number(digits.slice(0, 3))]!;
  return (lengths >> digits.length) & 1 ? digits : null;
}
