import { normaliseMsisdn } from "./msisdn.ts";

/** With a country's code most numbers have at least so many digits, and no national one without a zero before it has more. */
const INTERNATIONAL = 11;

/**
 * Reads numbers as they are dialled within a country, after a zero, and those that begin with the country's calling code. Null
 * for others: without `+` the same digits may be a number of two countries. A short number that begins with the code may be a
 * national one without a zero, as India's of ten digits from 91 on, and is none.
 * @param callingCode in digits
 */
export function nationalNumbers(callingCode: string): (written: string) => string | null {
  return (written) => {
    if (/^0\d/.test(written)) return normaliseMsisdn(callingCode + written.slice(1));
    return written.startsWith(callingCode) && written.length >= INTERNATIONAL ? normaliseMsisdn(written) : null;
  };
}
