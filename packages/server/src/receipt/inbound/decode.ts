import { decodeGsm, decodeUcs2 } from "../../message/gsm.ts";

/** Octets of a message from a handset, without a user data header, in the coding that its data_coding says. */
export interface CodedText {
  /** SMPP 3.4 §5.2.19; carriers also pass on the handset's own data coding scheme (3GPP TS 23.038 §4). */
  dataCoding: number;
  octets: Uint8Array;
}

type Coding =
  | "gsm"
  | "latin1"
  | "ucs2"
  | "binary"
  | "iso-8859-5"
  | "iso-8859-8"
  | "shift_jis"
  | "iso-2022-jp"
  | "euc-jp"
  | "euc-kr";

/** SMPP 3.4 §5.2.19, the codings below 0x10. Those reserved there are read as Latin-1. */
const CODINGS: readonly Coding[] = [
  "gsm", // the SMSC's default alphabet
  "latin1", // IA5, which ASCII is
  "binary",
  "latin1",
  "binary",
  "shift_jis", // JIS X 0208, as handsets write it
  "iso-8859-5",
  "iso-8859-8",
  "ucs2",
  "shift_jis", // pictograms, which are an extension of it
  "iso-2022-jp",
  "latin1",
  "latin1",
  "euc-jp", // JIS X 0212
  "euc-kr", // KS C 5601
  "latin1",
];

/**
 * What a person wrote, from its parts in order. Octets are put together before they are read: a character may stand with
 * one half in one part and the other in the next. Binary messages (data_coding 2, 4, 0xF4–0xF7) are hexadecimal. Takes
 * any octets; the text holds neither NUL nor half of a surrogate pair, which cannot be stored.
 */
export function decodeParts(parts: readonly CodedText[]): string {
  let text = "";
  for (let from = 0; from < parts.length; ) {
    const coding = codingOf(parts[from]!.dataCoding);
    let to = from + 1;
    while (to < parts.length && codingOf(parts[to]!.dataCoding) === coding) to++;
    text += decode(Buffer.concat(parts.slice(from, to).map(({ octets }) => octets)), coding);
    from = to;
  }
  return text.replaceAll("\0", "").toWellFormed();
}

/** The coding groups of 3GPP TS 23.038 §4 beyond SMPP's own numbers, in which bits 2 and 3 choose the alphabet. */
function codingOf(dataCoding: number): Coding {
  if (dataCoding < 0x10) return CODINGS[dataCoding] ?? "latin1";
  const group = dataCoding >> 4;
  if (group === 0xe) return "ucs2"; // message waiting, text in UCS-2
  if (group === 0xc || group === 0xd) return "gsm"; // message waiting
  if (group === 0xf) return (dataCoding & 0x04) === 0 ? "gsm" : "binary"; // message class
  if (group >= 0x8) return "latin1"; // reserved
  const alphabet = (dataCoding >> 2) & 0x3;
  return alphabet === 0 ? "gsm" : alphabet === 1 ? "binary" : alphabet === 2 ? "ucs2" : "latin1";
}

function decode(octets: Buffer, coding: Coding): string {
  switch (coding) {
    case "gsm":
      // No septet has the high bit: such octets are of a carrier whose default alphabet is not GSM's.
      return octets.some((octet) => octet > 0x7f) ? octets.toString("latin1") : decodeGsm(octets);
    case "latin1":
      return octets.toString("latin1");
    case "ucs2":
      return decodeUcs2(octets);
    case "binary":
      return octets.toString("hex").toUpperCase();
    default:
      return new TextDecoder(coding).decode(octets);
  }
}
