import { normaliseMsisdn } from "./msisdn.ts";

/**
 * Reads numbers as they are dialled within a country, after a zero, and those that begin with the country's calling code. Null
 * for others: without `+` the same digits may be a number of two countries.
 * @param callingCode in digits
 */
export function nationalNumbers(callingCode: string): (written: string) => string | null {
  return (written) => {
    if (/^0\d/.test(written)) return normaliseMsisdn(callingCode + written.slice(1));
    return written.startsWith(callingCode) ? normaliseMsisdn(written) : null;
  };
}
