import { isDelivered, type ReceiptCode } from "../message/receipt-codes.ts";
import type { Reading, ReceiptState } from "./read.ts";

/**
 * A carrier's own table, from an `err` of its receipts (`001`; leading zeros and case do not matter) to a receipt code. A
 * code that means delivered is not used if the carrier's state says failed.
 */
export type ErrorCodes = Readonly<Record<string, string>>;

export interface CodeOptions {
  errorCodes: ErrorCodes;
  /** Whether ACCEPTD is this carrier's last word. */
  accepted: "intermediate" | "final";
}

export interface ReceiptMeaning {
  final: boolean;
  delivered: boolean;
  /** A receipt code. Of a state that is not final, the one that holds when the validity is over. */
  code: string;
  /** The code rests on GSM MAP's meaning of a number, which the carrier may use otherwise. */
  guess: boolean;
}

/** A state's code without an error that says more; of states that are not final, the code when validity is over. */
const CODE_OF_STATE: Readonly<Record<ReceiptState, ReceiptCode>> = {
  delivered: "00",
  read: "00",
  accepted: "1",
  replaced: "2",
  undeliverable: "31",
  expired: "46",
  deleted: "48",
  rejected: "56",
  skipped: "56",
  unknown: "30",
  enroute: "5D",
};

/**
 * The receipt code of a reading. The state alone decides whether the message is delivered; an error only refines UNDELIV,
 * which gives no reason. Carriers share no table of errors: the carrier's own goes first, then network_error_code if it is
 * GSM's, then `err` read as a GSM MAP error, a guess.
 */
export function receiptCode(reading: Reading, { errorCodes, accepted }: CodeOptions): ReceiptMeaning {
  const { state } = reading;
  switch (state) {
    case "unknown":
    case "enroute":
      return { final: false, delivered: false, code: CODE_OF_STATE[state], guess: false };
    case "accepted":
      if (accepted === "final") return { final: true, delivered: true, code: CODE_OF_STATE.accepted, guess: false };
      return { final: false, delivered: false, code: CODE_OF_STATE.enroute, guess: false };
    case "delivered":
    case "read":
    case "replaced":
      return { final: true, delivered: true, code: CODE_OF_STATE[state], guess: false };
    case "undeliverable":
      return { final: true, delivered: false, ...codeOfError(reading, errorCodes) };
    default:
      return { final: true, delivered: false, code: CODE_OF_STATE[state], guess: false };
  }
}

/** network_error_code's type for GSM, SMPP 3.4 §5.3.2.31. */
const GSM = 3;

function codeOfError({ err, networkError }: Reading, errorCodes: ErrorCodes) {
  const reported = err ?? networkError?.code.toString() ?? null;
  const own = reported === null ? null : carrierCode(errorCodes, reported);
  if (own !== null) return { code: own, guess: false };
  const network = networkError?.type === GSM ? GSM_ERRORS.get(networkError.code) : undefined;
  if (network !== undefined) return { code: network, guess: false };
  const guessed = GSM_ERRORS.get(errorNumber(err ?? ""));
  if (guessed !== undefined) return { code: guessed, guess: true };
  return { code: CODE_OF_STATE.undeliverable, guess: false };
}

/** `err` in decimal if it is all digits, else in hexadecimal; NaN for words such as "null". */
function errorNumber(err: string): number {
  if (/^[0-9]{1,4}$/.test(err)) return Number(err);
  return /^[0-9a-f]{1,4}$/i.test(err) ? Number.parseInt(err, 16) : Number.NaN;
}

function carrierCode(errorCodes: ErrorCodes, err: string): string | null {
  for (const key of spellings(err)) {
    const code = Object.hasOwn(errorCodes, key) ? errorCodes[key]! : null;
    if (code !== null && !isDelivered(code)) return code.toUpperCase();
  }
  return null;
}

/** Unchanged, then with other leading zeros and in the other case. */
function spellings(err: string): string[] {
  const bare = err.replace(/^0+(?=.)/, "");
  const widths = [1, 2, 3, 4].map((width) => bare.padStart(width, "0"));
  return [err, ...widths.map((key) => key.toLowerCase()), ...widths.map((key) => key.toUpperCase())];
}

/** GSM MAP errors (3GPP TS 29.002) and gateways' numbers beside them: first, last, code. */
const GSM_RANGES: readonly (readonly [first: number, last: number, code: ReceiptCode])[] = [
  [1, 1, "4A"],
  [5, 5, "26"],
  [6, 6, "22"],
  [9, 9, "54"],
  [10, 11, "45"],
  [12, 12, "41"],
  [13, 13, "58"],
  [20, 21, "41"],
  [27, 27, "22"],
  [31, 31, "21"],
  [32, 32, "25"],
  [33, 33, "3B"],
  [34, 34, "33"],
  [35, 36, "52"],
  [51, 51, "20"],
  [71, 71, "41"],
  [72, 72, "21"],
  [255, 255, "57"],
  [256, 256, "23"],
  [257, 258, "25"],
  [259, 259, "27"],
  [260, 260, "20"],
  [261, 262, "52"],
  [500, 511, "33"],
  [1024, 1796, "33"],
  [2048, 2048, "55"],
  [2049, 2050, "58"],
  [4100, 4100, "47"],
  [4101, 4101, "46"],
];
const GSM_ERRORS: ReadonlyMap<number, ReceiptCode> = new Map(
  GSM_RANGES.flatMap(([first, last, code]) =>
    Array.from({ length: last - first + 1 }, (_, i): [number, ReceiptCode] => [first + i, code]),
  ),
);
