/** Receipt codes are hexadecimal strings to callers and numbers in the store: "00" is 0, "5D" is 0x5D. */

export function codeNumber(code: string): number {
  return Number.parseInt(code, 16);
}

export function codeText(number: number): string {
  return number === 0 ? "00" : number.toString(16).toUpperCase();
}
