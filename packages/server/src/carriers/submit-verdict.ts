import { isDelivered, type ReceiptCode } from "../message/receipt-codes.ts";

/** The meaning of a submit_sm_resp for its message. */
export type SubmitVerdict =
  | { kind: "accepted" }
  /** The same message again later; it fails with `codeWhenOver` if its validity, or the tries, end first. */
  | {
      kind: "retry";
      reason: "throttled" | "queue_full" | "temporary" | "system_error" | "again";
      codeWhenOver: string;
    }
  /** By another carrier, if there is one; else `otherwise` decides. */
  | { kind: "other"; otherwise: SubmitVerdict }
  /** The session is not in the state that the carrier expects: bind again, then the same message again. */
  | { kind: "rebind" }
  /** Never again, with the receipt code of the reason. */
  | { kind: "refused"; code: string };

/** Statuses with a meaning of their own at this carrier. */
export interface StatusLists {
  again: ReadonlySet<number>;
  otherCarrier: ReadonlySet<number>;
}

const ACCEPTED: SubmitVerdict = { kind: "accepted" };
const REBIND: SubmitVerdict = { kind: "rebind" };

/** command_status by SMPP 3.4 §5.1.3. A status in neither table is refused as a system error. */
const AGAIN: ReadonlyMap<number, SubmitVerdict> = new Map<number, SubmitVerdict>([
  [0x04, REBIND], // ESME_RINVBNDSTS
  [0x05, REBIND], // ESME_RALYBND
  [0x08, { kind: "retry", reason: "system_error", codeWhenOver: "32" }], // ESME_RSYSERR
  [0x14, { kind: "retry", reason: "queue_full", codeWhenOver: "3B" }], // ESME_RMSGQFUL
  [0x58, { kind: "retry", reason: "throttled", codeWhenOver: "20" }], // ESME_RTHROTTLED
  [0x64, { kind: "retry", reason: "temporary", codeWhenOver: "32" }], // ESME_RX_T_APPN
]);
const REFUSED: readonly (readonly [first: number, last: number, code: ReceiptCode])[] = [
  [0x01, 0x01, "52"], // message length
  [0x0a, 0x0a, "56"], // source address
  [0x0b, 0x0b, "43"], // destination address
  [0x45, 0x45, "56"], // ESME_RSUBMITFAIL
  [0x48, 0x51, "56"], // TON and NPI of the addresses
  [0x61, 0x62, "52"], // scheduled delivery time, validity period
  [0x65, 0x67, "52"], // ESME_RX_P_APPN, ESME_RX_R_APPN, ESME_RQUERYFAIL
  [0xc0, 0xc4, "52"], // TLVs
];
const SYSTEM_ERROR: ReceiptCode = "32";

const NO_LISTS: StatusLists = { again: new Set(), otherCarrier: new Set() };

/**
 * The next step after a submit_sm_resp. Codes of refusals come from the carrier's own table first.
 * @param errorCodes from a command_status (`0x401`; in 0x400–0x4FF, the carriers' own range, also in decimal, `1025`) to a
 * receipt code. A code that means delivered is not used. (A key below 0x400 counts only with its `0x`: without it, it is an
 * `err` of receipts.)
 */
export function submitStatusVerdict(
  commandStatus: number,
  errorCodes: Readonly<Record<string, string>>,
  lists: StatusLists = NO_LISTS,
): SubmitVerdict {
  if (commandStatus === 0) return ACCEPTED;
  if (lists.otherCarrier.has(commandStatus))
    return { kind: "other", otherwise: submitStatusVerdict(commandStatus, errorCodes) };
  const again = AGAIN.get(commandStatus);
  if (again !== undefined) return again;
  const code = carrierCodeOfStatus(commandStatus, errorCodes) ?? codeOfStatus(commandStatus);
  return lists.again.has(commandStatus)
    ? { kind: "retry", reason: "again", codeWhenOver: code }
    : { kind: "refused", code };
}

function codeOfStatus(commandStatus: number): ReceiptCode {
  return REFUSED.find(([first, last]) => commandStatus >= first && commandStatus <= last)?.[2] ?? SYSTEM_ERROR;
}

function carrierCodeOfStatus(commandStatus: number, errorCodes: Readonly<Record<string, string>>): string | null {
  for (const [key, code] of Object.entries(errorCodes)) {
    if (statusOfKey(key) === commandStatus && !isDelivered(code)) return code.toUpperCase();
  }
  return null;
}

function statusOfKey(key: string): number {
  if (/^0x[0-9a-f]{1,8}$/i.test(key)) return Number.parseInt(key, 16);
  const decimal = /^[0-9]{4}$/.test(key) ? Number(key) : Number.NaN;
  return decimal >= 0x400 && decimal <= 0x4ff ? decimal : Number.NaN;
}
