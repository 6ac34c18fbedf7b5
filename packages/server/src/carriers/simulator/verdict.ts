import { commandStatus, npi, parseTime, type SubmitSm, ton } from "@messaging-plus/smpp";

const TONS: ReadonlySet<number> = new Set(Object.values(ton));
const NPIS: ReadonlySet<number> = new Set(Object.values(npi));
/** The highest priority_flag (SMPP 3.4 §5.2.14). */
const HIGHEST_PRIORITY = 3;
/** The value of the receipt bits that is reserved (§5.2.17). */
const RESERVED_RECEIPT = 3;
const NUMBER = /^\+?\d+$/;

/** The command_status that a submit_sm's fields deserve, whatever the number does; 0 where they are in order. */
export function verdictOf(pdu: SubmitSm, now: number): number {
  if (!TONS.has(pdu.source_addr_ton)) return commandStatus.ESME_RINVSRCTON;
  if (!NPIS.has(pdu.source_addr_npi)) return commandStatus.ESME_RINVSRCNPI;
  if (!TONS.has(pdu.dest_addr_ton)) return commandStatus.ESME_RINVDSTTON;
  if (!NPIS.has(pdu.dest_addr_npi)) return commandStatus.ESME_RINVDSTNPI;
  if (!NUMBER.test(pdu.destination_addr)) return commandStatus.ESME_RINVDSTADR;
  if (pdu.priority_flag > HIGHEST_PRIORITY) return commandStatus.ESME_RINVPRTFLG;
  if (pdu.schedule_delivery_time !== "" && parseTime(pdu.schedule_delivery_time) === undefined)
    return commandStatus.ESME_RINVSCHED;
  if (!isValidity(pdu.validity_period, now)) return commandStatus.ESME_RINVEXPIRY;
  if ((pdu.registered_delivery & 3) === RESERVED_RECEIPT) return commandStatus.ESME_RINVREGDLVFLG;
  // One of the two holds the text (§5.3.2.32).
  if (pdu.short_message.length > 0 && pdu.tlvs.message_payload !== undefined) return commandStatus.ESME_ROPTPARNOTALLWD;
  return commandStatus.ESME_ROK;
}

/** Whether it is left out, which leaves it to the SMSC, or a time to come (§5.2.16). */
function isValidity(text: string, now: number): boolean {
  if (text === "") return true;
  const time = parseTime(text);
  if (time === undefined) return false;
  if (time.kind === "absolute") return time.date.getTime() > now;
  const { years, months, days, hours, minutes, seconds } = time;
  return years + months + days + hours + minutes + seconds > 0;
}
