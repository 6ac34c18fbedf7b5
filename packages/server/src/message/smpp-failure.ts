import { codeText } from "./code-number.ts";

type SmppState = readonly [stat: string, state: number];

/** Our codes with a state of their own in SMPP. */
const STATES: Readonly<Record<string, SmppState>> = {
  "47": ["DELETED", 4],
  "51": ["EXPIRED", 3],
  "58": ["REJECTD", 8],
};
const UNDELIVERABLE: SmppState = ["UNDELIV", 5];

/**
 * How SMPP names a failure, in receipts and in the answers of query_sm: `stat` of appendix B and message_state (SMPP 3.4
 * §5.2.28).
 * @param code a receipt code as a number
 */
export function smppFailure(code: number): SmppState {
  return STATES[codeText(code)] ?? UNDELIVERABLE;
}
