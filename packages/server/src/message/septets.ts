/** Bits from the end of a header to the next septet's boundary, where the text begins (3GPP TS 23.040 §9.2.3.24). */
function fillBits(headerOctets: number): number {
  return (7 - ((headerOctets * 8) % 7)) % 7;
}

const CARRIAGE_RETURN = 0x0d;

/**
 * Septets packed into octets (3GPP TS 23.038 §6.1.2.1.1). Seven spare bits of the last octet become a carriage return, so
 * that no reader takes them for an `@` (§6.1.2.3.1).
 * @param septets one in an octet
 * @param headerOctets length of the user data header before the text, its length octet included
 */
export function packSeptets(septets: Uint8Array, headerOctets: number): Buffer {
  if (septets.length === 0) return Buffer.alloc(0);
  const fill = fillBits(headerOctets);
  const bits = fill + septets.length * 7;
  const octets = Buffer.alloc(Math.ceil(bits / 8));
  const put = (septet: number, at: number): void => {
    const index = at >> 3;
    const word = septet << (at & 7);
    octets[index] = (octets[index] as number) | (word & 0xff);
    if (word > 0xff) octets[index + 1] = (octets[index + 1] as number) | (word >> 8);
  };
  for (let i = 0; i < septets.length; i++) put(septets[i] as number, fill + i * 7);
  if (octets.length * 8 - bits === 7) put(CARRIAGE_RETURN, bits);
  return octets;
}

/** The septets of packed octets, one in an octet; drops a carriage return that fills the last octet. */
export function unpackSeptets(octets: Uint8Array, headerOctets: number): Buffer {
  const fill = fillBits(headerOctets);
  const count = Math.max(0, Math.floor((octets.length * 8 - fill) / 7));
  const septets = Buffer.alloc(count);
  for (let i = 0; i < count; i++) {
    const at = fill + i * 7;
    const word = (octets[at >> 3] as number) | ((octets[(at >> 3) + 1] ?? 0) << 8);
    septets[i] = (word >> (at & 7)) & 0x7f;
  }
  const filled = (fill + count * 7) % 8 === 0 && septets[count - 1] === CARRIAGE_RETURN;
  return filled ? septets.subarray(0, count - 1) : septets;
}
