/**
 * The usable part of a deliver_sm or data_sm whose lengths are wrong. An SMSC repeats a refused one for ever, and a receipt
 * or a STOP is lost with it. But a cut text must never pass for a whole one, nor a cut identifier for another message's.
 */
import { BodyFault } from "./error.ts";
import type { PduReader } from "./reader.ts";
import { commandStatus } from "./status.ts";
import { type Found, readTlv, readTlvs, type Tlvs, tlvName, tlvTag } from "./tlv.ts";

interface Text {
  short_message: Buffer;
  tlvs: Tlvs;
}

export function strictText(reader: PduReader): Text {
  return { short_message: reader.shortMessage(), tlvs: readTlvs(reader) };
}

/**
 * The text and TLVs of a deliver_sm. A length that is wrong by one is corrected if everything after it is then TLVs: a NUL
 * that `sm_length` does not count (seen in several SMSCs), one octet too many or too few. If nothing fits, `sm_length`
 * counts, plus one character if nothing else follows it, and the TLVs that are whole.
 */
export function salvagedText(reader: PduReader): Text {
  const start = reader.offset;
  try {
    return { short_message: reader.shortMessage(), tlvs: aligned(readTlvs(reader)) };
  } catch (error) {
    if (!(error instanceof BodyFault)) throw error;
    reader.offset = start;
    const length = reader.u8();
    const from = reader.offset;
    const textOf = (octets: number): Buffer => {
      reader.offset = from;
      return reader.octets(octets);
    };
    const readings = [
      { text: length, tlvs: length + 1, uncounted: true },
      { text: length - 1, tlvs: length - 1, uncounted: false },
      { text: length + 1, tlvs: length + 1, uncounted: false },
    ];
    for (const { text, tlvs: behind, uncounted } of readings) {
      reader.offset = from;
      if (behind < 0 || behind > reader.left) continue;
      const skipped = reader.octets(behind);
      const tlvs = uncounted && skipped[behind - 1] !== 0 ? null : knownTlvs(reader);
      if (tlvs === null) continue;
      const short_message = textOf(text);
      reader.offset = reader.end;
      return { short_message, tlvs };
    }
    reader.offset = from;
    if (length > reader.left) throw error;
    if (length > 0 && reader.left === length + 1 && reader.peekU8(length) >= SPACE)
      return { short_message: reader.octets(length + 1), tlvs: { textDoubtful: true } };
    return { short_message: reader.octets(length), tlvs: salvageTlvs(reader, length > 0) };
  }
}

const SPACE = 0x20;
/** The most NULs skipped in one place: as many as are padding at the end of a body. */
const MOST_NULS = 3;

/**
 * Reads the whole TLVs in the rest of an SMSC's body. One that is cut is left out with everything after it (§3.3 asks to go
 * on where a parameter cannot be read), and NULs that no length counts are skipped. A cut `message_payload` is refused,
 * since it is the text.
 *
 * If no TLV follows an identifier or a text, its length is corrected if it is wrong by one, as for a short_message.
 * Otherwise the identifier is left out, because it may be cut, and the text is doubtful.
 * @param behindText the rest begins at the end of a short_message
 */
export function salvageTlvs(reader: PduReader, behindText = false): Tlvs {
  const start = reader.offset;
  try {
    return aligned(readTlvs(reader));
  } catch (error) {
    if (!(error instanceof BodyFault)) throw error;
    reader.offset = start;
    const found: Found = {};
    let before: number | null = null;
    let nuls = 0;
    while (reader.left > 0) {
      const skipped = nulsBefore(reader);
      if (skipped > 0) {
        nuls += skipped;
        reader.offset += skipped;
      } else if (!isWhole(reader, 0)) {
        break;
      } else {
        before = reader.offset;
        readTlv(reader, found);
      }
    }
    if (reader.left >= 2 && reader.peekU16(0) === tlvTag.message_payload) throw error;
    if (!beginsLikeTlv(reader)) {
      if (before === null) {
        if (behindText) found.textDoubtful = true;
      } else if (putRight(reader, before, found)) {
        if (nuls > 0) found.dropped = nuls;
        return found as Tlvs;
      }
    }
    const dropped = (found.dropped ?? 0) + nuls + reader.left;
    if (dropped > 0) found.dropped = dropped;
    reader.offset = reader.end;
    return found as Tlvs;
  }
}

/**
 * Tries whether the TLV at `at`, the last that was read, is longer or shorter by one. If not, its doubtful part is taken
 * back.
 */
function putRight(reader: PduReader, at: number, found: Found): boolean {
  const behind = reader.offset;
  reader.offset = at;
  const tag = reader.u16();
  const length = reader.u16();
  const from = reader.offset;
  reader.offset = behind;
  const isText = tag === tlvTag.message_payload;
  // A repeated TLV is raw, and used by nobody.
  if (!(isText || tag === tlvTag.receipted_message_id) || found.raw?.at(-1)?.tag === tag) return false;
  const name = isText ? "message_payload" : "receipted_message_id";
  for (const right of [length - 1, length + 1]) {
    reader.offset = from;
    if (right < 0 || right > reader.left) continue;
    const value = reader.octets(right);
    // An identifier that has its NUL has lost an octet before it: the length is right.
    if (!isText && right < length && value[right - 1] === 0) continue;
    const endsBody = isText && right > length && reader.left === 0 && (value[length] as number) >= SPACE;
    const rest = endsBody ? {} : knownTlvs(reader);
    if (rest === null) continue;
    found[name] = isText ? value : textOf(value);
    if (endsBody) found.textDoubtful = true;
    for (const [other, one] of Object.entries(rest)) found[other] ??= one;
    reader.offset = reader.end;
    return true;
  }
  reader.offset = behind;
  if (isText) {
    found.textDoubtful = true;
  } else {
    delete found[name];
    found.dropped = behind - at;
  }
  return false;
}

function textOf(value: Buffer): string {
  const nul = value.indexOf(0);
  return value.toString("latin1", 0, nul < 0 ? value.length : nul);
}

/**
 * TLVs as they were read, if none has the tag 0, which nobody defines: NULs that no length counts, read as the head of a
 * TLV, would hide the TLVs after them.
 * @throws BodyFault if one has
 */
function aligned(tlvs: Tlvs): Tlvs {
  if (tlvs.raw?.some(({ tag }) => tag === 0) === true)
    throw new BodyFault("a TLV has the tag 0", commandStatus.ESME_RINVOPTPARSTREAM);
  return tlvs;
}

/** The TLVs that make up the whole rest, if there are any and each is defined; else null. */
function knownTlvs(reader: PduReader): Tlvs | null {
  try {
    const tlvs = readTlvs(reader);
    const sound = Object.keys(tlvs).length > 0 && (tlvs.raw ?? []).every(({ tag }) => isDefined(tag));
    return sound ? tlvs : null;
  } catch (error) {
    if (error instanceof BodyFault) return null;
    throw error;
  }
}

/** By the standard, or by an operator (0x1400 and above). */
function isDefined(tag: number): boolean {
  return tag >= 0x1400 || tlvName(tag) !== undefined;
}

/** Whether a TLV that begins `ahead` octets on ends within the body. */
function isWhole(reader: PduReader, ahead: number): boolean {
  return reader.left >= ahead + 4 && reader.peekU16(ahead + 2) <= reader.left - ahead - 4;
}

/** Number of NULs before the next TLV of the standard; 0 if it begins here, or there is none. */
function nulsBefore(reader: PduReader): number {
  if (reader.left >= 2 && tlvName(reader.peekU16(0)) !== undefined) return 0;
  for (let nuls = 1; nuls <= MOST_NULS && reader.left > nuls + 1 && reader.peekU8(nuls - 1) === 0; nuls++) {
    if (tlvName(reader.peekU16(nuls)) !== undefined && isWhole(reader, nuls)) return nuls;
  }
  return 0;
}

/** Whether the rest may be a cut TLV, and not the end of the field before it: a text has no such octets. */
function beginsLikeTlv(reader: PduReader): boolean {
  if (reader.left <= MOST_NULS && [...reader.peek()].every((octet) => octet === 0)) return true;
  if (reader.left === 1) return reader.peekU8(0) < SPACE;
  const tag = reader.peekU16(0);
  return tlvName(tag) !== undefined || (tag >= 0x1400 && tag < SPACE << 8);
}
