import { RECEIPT_CODES } from "../../message/receipt-codes.ts";

/** The simulator's treatment of a message to one of its numbers. */
export type SimulatedOutcome =
  | {
      kind: "receipt";
      code: string;
      afterSeconds?: number;
      copies?: number;
      intermediateFirst?: boolean;
      /** The text of the handset's answer. */
      reply?: string;
    }
  | { kind: "receipt_first" }
  | { kind: "no_receipt" }
  | { kind: "refused"; command_status: number }
  | { kind: "throttled"; times: number };

/** Reserved for fiction by Ofcom, so no handset has one. */
export const FIRST_NUMBER = 447_700_900_000;
const DELIVERED: SimulatedOutcome = { kind: "receipt", code: "00" };

/** Numbers that do more than end with a code. */
const SPECIAL: Record<number, SimulatedOutcome> = {
  901: { kind: "no_receipt" },
  902: { kind: "receipt_first" },
  903: { kind: "receipt", code: "00", afterSeconds: 3 * 3600 },
  904: { kind: "receipt", code: "00", copies: 2 },
  905: { kind: "throttled", times: 2 },
  906: { kind: "refused", command_status: 0x0b },
  907: { kind: "receipt", code: "00", intermediateFirst: true },
  911: { kind: "receipt", code: "00", reply: "Hello" },
  912: { kind: "receipt", code: "00", reply: "STOP" },
  913: { kind: "receipt", code: "00", reply: "START" },
  914: { kind: "receipt", code: "00", reply: "Grüße 👋" },
  915: { kind: "receipt", code: "00", reply: "This answer is longer than one message. ".repeat(9).trim() },
};

/** From here on the last digits choose a receipt code: 500 + 0x22 is 447700900534. */
export const FIRST_CODE = 500;

/**
 * 447700900000 + n decides: n from 500 to 627 ends with the receipt code n - 500, if there is such a code; from 901 on
 * `SPECIAL` decides; every other number is delivered.
 */
export function simulatedOutcome(destination: string): SimulatedOutcome {
  const n = Number(destination) - FIRST_NUMBER;
  const special = SPECIAL[n];
  if (special !== undefined) return special;
  const known = RECEIPT_CODES.find(({ code }) => Number.parseInt(code, 16) === n - FIRST_CODE);
  return known === undefined ? DELIVERED : { kind: "receipt", code: known.code };
}

/** The settings for reading the simulator's receipts: it writes the receipt code itself as `err`. */
export const SIMULATOR_RECEIPTS = {
  messageIds: "exact",
  accepted: "final",
  longMessageReceipts: "all",
  errorCodes: Object.fromEntries(
    RECEIPT_CODES.filter(({ delivered }) => !delivered).map(({ code }) => [`x${code}`, code]),
  ) as Record<string, string>,
} as const;
