/** Beyond the 64 characters of SMPP 3.4 §5.2.23 and short of what an index of PostgreSQL takes (2,704 octets). */
const LONGEST = 255;

/**
 * The id that a carrier calls a message by, in a submit's answer or a receipt, as it is stored and looked up: without the
 * NULs and white space that surround it in one of the two only. Null where nothing is left, or more than any id has:
 * both sides drop that, so it cannot match.
 */
export function carrierMessageId(text: string): string | null {
  const id = (text.includes("\0") ? text.replaceAll("\0", "") : text).trim();
  return id === "" || id.length > LONGEST ? null : id;
}

/** Digits that a number has in common in its international and its national form. */
const COMMON_DIGITS = 7;

/**
 * The id of a message at a carrier whose receipts name it by user_message_reference (SMPP 3.4 §5.3.2.17) alone: with the
 * handset's number, because there are few references. The low octet counts: OsmoMSC 1.9.0 keeps no more.
 */
export function referenceId(reference: number, handset: string): string {
  return `reference ${reference & 0xff} of ${handset.slice(-COMMON_DIGITS)}`;
}
