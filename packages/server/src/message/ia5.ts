import { decodeGsm } from "./gsm.ts";

/**
 * Octets of data_coding 1 (SMPP 3.4 §5.2.19) as text. Some senders write GSM octets under this coding, for one npm's smpp
 * 0.5.1. NULs at the end are no sign of it.
 */
export function decodeIa5(octets: Buffer): string {
  let end = octets.length;
  while (end > 0 && octets[end - 1] === 0) end--;
  const isGsm = octets.subarray(0, end).some(isControl) && octets.every((octet) => octet <= 0x7f);
  return isGsm ? decodeGsm(octets) : octets.toString("latin1");
}

/** An octet that no IA5 text has: DEL, or a control character other than a tab or the end of a line. */
function isControl(octet: number): boolean {
  return octet === 0x7f || (octet < 0x20 && octet !== 0x09 && octet !== 0x0a && octet !== 0x0d);
}
