import { esmClass, readUserData, type SubmitSm } from "@messaging-plus/smpp";
import type { CodedContent } from "../message/coded-content.ts";
import { decodeGsm, decodeUcs2 } from "../message/gsm.ts";
import { decodeIa5 } from "../message/ia5.ts";
import type { DefaultAlphabet } from "../store/accounts/smpp-credentials.ts";

/** The content of a submit. */
export type Submitted = Pick<SubmitSm, "esm_class" | "protocol_id" | "data_coding" | "short_message" | "tlvs">;

/** A text, or content to pass through unchanged with a text that shows it to people. */
export interface Content {
  text: string;
  coded: CodedContent | null;
}

/** Why a content is refused: its length, or its kind. */
export interface ContentFault {
  fault: "length" | "coding";
  why: string;
}

/** The most that one short message holds (3GPP TS 23.040 §9.2.3.16): 140 octets, or 160 septets, each an octet in SMPP. */
const MOST_OCTETS = 140;
const MOST_SEPTETS = 160;
/** esm_class beyond the messaging mode of its two lowest bits: any other bit makes a submit no plain message (§5.2.12). */
const KEPT = esmClass.UDHI | esmClass.REPLY_PATH;

type Coding = "default" | "ia5" | "latin1" | "ucs2" | "gsm" | "binary" | "unknown";

/** SMPP 3.4 §5.2.19, and the coding groups of 3GPP TS 23.038 §4 that it passes on. */
function codingOf(dataCoding: number): Coding {
  switch (dataCoding) {
    case 0x00:
      return "default";
    case 0x01:
      return "ia5";
    case 0x02:
    case 0x04:
      return "binary";
    case 0x03:
      return "latin1";
    case 0x08:
      return "ucs2";
  }
  const group = dataCoding >> 4;
  // Message class: bits 2 and 3 are the alphabet in the first, bit 2 in the second. A reserved one is read as the GSM alphabet.
  if (group === 0x1) return (["gsm", "binary", "ucs2", "gsm"] as const)[(dataCoding >> 2) & 0x3] as Coding;
  if (group === 0xf) return (dataCoding & 0x04) === 0 ? "gsm" : "binary";
  // Message waiting.
  if (group === 0xc || group === 0xd) return "gsm";
  return group === 0xe ? "ucs2" : "unknown";
}

/** The content of a submit_sm or data_sm. @param alphabet the meaning of data_coding 0 */
export function contentOf(pdu: Submitted, alphabet: DefaultAlphabet): Content | ContentFault {
  const payload = pdu.tlvs.message_payload;
  if (payload !== undefined && pdu.short_message.length > 0) {
    return { fault: "length", why: "has a short_message and a message_payload" };
  }
  const octets = payload ?? pdu.short_message;
  if (octets.length === 0) return { fault: "length", why: "is empty" };
  const coding = codingOf(pdu.data_coding);
  if (coding === "unknown") return { fault: "coding", why: `has data_coding 0x${pdu.data_coding.toString(16)}` };
  const hasHeader = (pdu.esm_class & esmClass.UDHI) !== 0;
  const data = hasHeader ? readUserData(octets) : undefined;
  if (hasHeader && data === undefined) return { fault: "coding", why: "has a user data header that is not whole" };
  const sar = sarOf(pdu.tlvs);
  if (coding === "ucs2" && (data?.text ?? octets).length % 2 !== 0) {
    return { fault: "length", why: "is UCS-2 of an odd number of octets" };
  }
  const text = textOf(data?.text ?? octets, coding, alphabet);
  const isPlain = pdu.data_coding <= 0x08 && coding !== "binary";
  if (!hasHeader && sar === null && isPlain) return { text, coded: null };
  const fits = isSeptets(coding, alphabet) ? septetsFit(octets, data?.text) : octets.length <= MOST_OCTETS;
  const coded = {
    esmClass: pdu.esm_class & KEPT,
    protocolId: pdu.protocol_id,
    dataCoding: pdu.data_coding,
    octets: octets.toString("hex"),
    sar,
  };
  const shown = coding === "binary" ? octets.toString("hex").toUpperCase() : text.replaceAll("\0", "").toWellFormed();
  if (fits) return { text: shown === "" ? octets.toString("hex").toUpperCase() : shown, coded };
  // A text with a message class that is too long for one part is cut like any other.
  if (!hasHeader && sar === null && coding !== "binary") return { text, coded: { ...coded, octets: null } };
  return { fault: "length", why: `has ${octets.length} octets, more than a part holds` };
}

function isSeptets(coding: Coding, alphabet: DefaultAlphabet): boolean {
  return coding === "gsm" || coding === "ia5" || coding === "latin1" || (coding === "default" && alphabet !== "latin1");
}

/** A header takes its octets, rounded up to whole septets (§9.2.3.24). */
function septetsFit(octets: Buffer, text: Buffer | undefined): boolean {
  if (text === undefined) return octets.length <= MOST_SEPTETS;
  const header = octets.length - text.length;
  return Math.ceil((header * 8) / 7) + text.length <= MOST_SEPTETS;
}

function textOf(octets: Buffer, coding: Coding, alphabet: DefaultAlphabet): string {
  const alphabetCoding = coding === "default" ? DEFAULTS[alphabet] : coding;
  switch (alphabetCoding) {
    case "gsm":
      // No septet has the high bit: the customer's software writes Latin-1.
      return octets.some((octet) => octet > 0x7f) ? octets.toString("latin1") : decodeGsm(octets);
    case "ia5":
      return decodeIa5(octets);
    case "ucs2":
      return decodeUcs2(octets);
    case "binary":
      return octets.toString("hex").toUpperCase();
    default:
      return octets.toString("latin1");
  }
}

const DEFAULTS = { gsm: "gsm", latin1: "latin1", ascii: "ia5" } as const satisfies Record<DefaultAlphabet, Coding>;

function sarOf(tlvs: Submitted["tlvs"]): CodedContent["sar"] {
  const { sar_msg_ref_num: reference, sar_total_segments: total, sar_segment_seqnum: sequence } = tlvs;
  if (reference === undefined || total === undefined || sequence === undefined || total < 2) return null;
  return [reference, total, sequence];
}
