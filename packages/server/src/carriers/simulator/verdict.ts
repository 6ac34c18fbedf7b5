import {
  commandStatus,
  esmClass,
  npi,
  parseTime,
  readUserData,
  type SubmitSm,
  type Tlvs,
  ton,
} from "@messaging-plus/smpp";
import { bodyOf } from "./reply.ts";

const TONS: ReadonlySet<number> = new Set(Object.values(ton));
const NPIS: ReadonlySet<number> = new Set(Object.values(npi));
/** Characters, without the NUL: of service_type (SMPP 3.4 §5.2.11) and of an address (§5.2.8, §5.2.9). */
const LONGEST_SERVICE_TYPE = 5;
const LONGEST_ADDRESS = 20;
/** Characters of an alphanumeric address (3GPP TS 23.040 §9.1.2.5). */
const LONGEST_NAME = 11;
/** Message types that an ESME may submit beside a plain one: a handset's acknowledgements (§5.2.12). */
const ESME_TYPES: ReadonlySet<number> = new Set([0, esmClass.DELIVERY_ACKNOWLEDGEMENT, esmClass.USER_ACKNOWLEDGEMENT]);
/** The highest priority_flag (§5.2.14). */
const HIGHEST_PRIORITY = 3;
/** The reserved value of the receipt bits, and the reserved bits (§5.2.17). */
const RESERVED_RECEIPT = 3;
const RESERVED_BITS = 0xe0;
/** Octets of a short_message (§5.2.21). */
const LONGEST_TEXT = 254;
const NUMBER = /^\+?\d+$/;

/** The command_status for a submit_sm's fields, whatever the number; 0 if they are in order. */
export function verdictOf(pdu: SubmitSm, now: number): number {
  const { short_message, tlvs, registered_delivery } = pdu;
  if (pdu.service_type.length > LONGEST_SERVICE_TYPE) return commandStatus.ESME_RINVSERTYP;
  if (!TONS.has(pdu.source_addr_ton)) return commandStatus.ESME_RINVSRCTON;
  if (!NPIS.has(pdu.source_addr_npi)) return commandStatus.ESME_RINVSRCNPI;
  if (!isSource(pdu.source_addr, pdu.source_addr_ton)) return commandStatus.ESME_RINVSRCADR;
  if (!TONS.has(pdu.dest_addr_ton)) return commandStatus.ESME_RINVDSTTON;
  if (!NPIS.has(pdu.dest_addr_npi)) return commandStatus.ESME_RINVDSTNPI;
  if (!isNumber(pdu.destination_addr)) return commandStatus.ESME_RINVDSTADR;
  if (!isEsmClass(pdu)) return commandStatus.ESME_RINVESMCLASS;
  if (pdu.priority_flag > HIGHEST_PRIORITY) return commandStatus.ESME_RINVPRTFLG;
  if (pdu.schedule_delivery_time !== "" && parseTime(pdu.schedule_delivery_time) === undefined)
    return commandStatus.ESME_RINVSCHED;
  if (!isValidity(pdu.validity_period, now)) return commandStatus.ESME_RINVEXPIRY;
  if ((registered_delivery & 3) === RESERVED_RECEIPT || (registered_delivery & RESERVED_BITS) !== 0)
    return commandStatus.ESME_RINVREGDLVFLG;
  if (pdu.replace_if_present_flag > 1) return commandStatus.ESME_RINVREPFLAG;
  // The simulator has no predefined messages (§5.2.20).
  if (pdu.sm_default_msg_id !== 0) return commandStatus.ESME_RINVDFTMSGID;
  if (short_message.length > LONGEST_TEXT) return commandStatus.ESME_RINVMSGLEN;
  // One of the two holds the text (§5.3.2.32).
  if (short_message.length > 0 && tlvs.message_payload !== undefined) return commandStatus.ESME_ROPTPARNOTALLWD;
  return sarVerdict(tlvs);
}

/** Digits if its TON says number, at most 11 characters if it says alphanumeric; it may be empty (§5.2.8). */
function isSource(address: string, type: number): boolean {
  if (address.length > LONGEST_ADDRESS) return false;
  if (type === ton.ALPHANUMERIC) return address.length <= LONGEST_NAME;
  return type === ton.UNKNOWN || address === "" || NUMBER.test(address);
}

function isNumber(address: string): boolean {
  return address.length <= LONGEST_ADDRESS && NUMBER.test(address);
}

/** Whether an ESME may use this value, and an announced user data header exists. */
function isEsmClass(pdu: SubmitSm): boolean {
  if (!ESME_TYPES.has(pdu.esm_class & esmClass.TYPE_MASK)) return false;
  return (pdu.esm_class & esmClass.UDHI) === 0 || readUserData(bodyOf(pdu)) !== undefined;
}

/** Whether it is empty, which leaves it to the SMSC, or a future time (§5.2.16). */
function isValidity(text: string, now: number): boolean {
  if (text === "") return true;
  const time = parseTime(text);
  if (time === undefined) return false;
  if (time.kind === "absolute") return time.date.getTime() > now;
  const { years, months, days, hours, minutes, seconds } = time;
  return years + months + days + hours + minutes + seconds > 0;
}

/** The TLVs of a part come together, and number it within its message (§5.3.2.22 to 24). */
function sarVerdict({ sar_msg_ref_num, sar_total_segments: total, sar_segment_seqnum: sequence }: Tlvs): number {
  if (sar_msg_ref_num === undefined && total === undefined && sequence === undefined) return commandStatus.ESME_ROK;
  if (sar_msg_ref_num === undefined || total === undefined || sequence === undefined)
    return commandStatus.ESME_RMISSINGOPTPARAM;
  return sequence >= 1 && sequence <= total ? commandStatus.ESME_ROK : commandStatus.ESME_RINVOPTPARAMVAL;
}
