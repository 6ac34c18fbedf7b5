/** Beyond the 64 characters of SMPP 3.4 §5.2.23 and short of what an index of PostgreSQL takes (2,704 octets). */
const LONGEST = 255;

/**
 * The id by which a carrier names a message, in a submit's answer or a receipt, as it is stored and looked up: without
 * surrounding NULs and white space, which only one of the two may have. Null if nothing is left, or more than any id has:
 * both sides drop such an id, so it cannot match.
 */
export function carrierMessageId(text: string): string | null {
  const id = (text.includes("\0") ? text.replaceAll("\0", "") : text).trim();
  return id === "" || id.length > LONGEST ? null : id;
}

/** Digits that the international and the national form of a number share. */
const COMMON_DIGITS = 7;

/**
 * The id of a message at a carrier whose receipts name it only by user_message_reference (SMPP 3.4 §5.3.2.17): with the
 * handset's number, because there are few references. Only the low octet counts: OsmoMSC 1.9.0 keeps no more.
 */
export function referenceId(reference: number, handset: string): string {
  return `reference ${reference & 0xff} of ${handset.slice(-COMMON_DIGITS)}`;
}
