import { FIRST_CODE, FIRST_NUMBER } from "../carriers/simulator/outcomes.ts";
import type { RECEIPT_CODES } from "../message/receipt-codes.ts";

/** A number of the simulator's that does more than end with a code; as docs/simulator.md has it, which a test sees to. */
export interface SimulatorNumber {
  number: string;
  does: string;
  /** Markdown. */
  ends: string;
}

export const SIMULATOR_NUMBERS: readonly SimulatorNumber[] = [
  {
    number: "447700900901",
    does: "never sends a receipt",
    ends: "failed, 5D, once its validity and `messages.receiptMargin` are over",
  },
  { number: "447700900902", does: "sends the receipt before it answers the submit", ends: "delivered, 00" },
  { number: "447700900903", does: "sends the receipt three hours later", ends: "delivered, 00" },
  { number: "447700900904", does: "sends the receipt twice", ends: "delivered, 00; one webhook" },
  {
    number: "447700900905",
    does: "refuses the submit as throttled (0x58) twice, then takes it",
    ends: "delivered, 00",
  },
  { number: "447700900906", does: "refuses the submit for its destination (0x0B)", ends: "failed, 43" },
  { number: "447700900907", does: "sends an intermediate notification first", ends: "delivered, 00; one webhook" },
  { number: "447700900911", does: 'answers "Hello"', ends: "delivered, 00" },
  {
    number: "447700900912",
    does: 'answers "STOP"',
    ends: "delivered, 00; the next fails with 58, where `senders.optOut` says so",
  },
  { number: "447700900913", does: 'answers "START"', ends: "delivered, 00" },
  { number: "447700900914", does: 'answers "Grüße 👋", in UCS-2', ends: "delivered, 00" },
  { number: "447700900915", does: "answers a text of three parts, the last part first", ends: "delivered, 00" },
];

/** The number that ends with a receipt code. */
export function numberOfCode(code: (typeof RECEIPT_CODES)[number]["code"]): string {
  return String(FIRST_NUMBER + FIRST_CODE + Number.parseInt(code, 16));
}
