/** E.164 §6.1: at most 15 digits. No subscriber of a public network has a number of fewer than 7. */
const SHORTEST = 7;
const LONGEST = 15;

/**
 * A mobile number in E.164, with or without its `+`, as digits. Null for anything else: other characters, a leading zero,
 * fewer than 7 digits or more than 15. The lengths of each country's numbers are not checked (docs/decisions/numbers.md).
 */
export function normaliseMsisdn(input: string): string | null {
  const digits = input.charCodeAt(0) === 0x2b ? input.slice(1) : input;
  if (digits.length < SHORTEST || digits.length > LONGEST || digits.charCodeAt(0) === 0x30) return null;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return null;
  }
  return digits;
}
