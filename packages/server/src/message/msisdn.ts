/** E.164 §6.1: 15 digits at most. No subscriber of a public network has a number of fewer than 7. */
const SHORTEST = 7;
const LONGEST = 15;

/**
 * A mobile number in E.164, with or without its `+`, as digits alone; null when it is none: anything but digits in it, a
 * leading zero, fewer than 7 digits or more than 15. Which countries have numbers of which length is not looked at
 * (docs/decisions/numbers.md).
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
