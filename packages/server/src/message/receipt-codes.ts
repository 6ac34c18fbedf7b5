/**
 * The codes of final states: hexadecimal strings, in the order of `GET /dr-responses`. The words of 00, 1, 2 and 22 are the
 * hosted service's own.
 */
export const RECEIPT_CODES = [
  { code: "00", description: "Successful", delivered: true },
  { code: "1", description: "Sent to SME but unable to confirm", delivered: true },
  { code: "2", description: "replaced at the SMSC", delivered: true },
  { code: "20", description: "Network congestion", delivered: false },
  { code: "21", description: "Handset busy", delivered: false },
  { code: "22", description: "No response from the SME (e.g. phone switched off)", delivered: false },
  { code: "23", description: "Handset refused the message", delivered: false },
  { code: "24", description: "Requested quality of service not available", delivered: false },
  { code: "25", description: "Handset error", delivered: false },
  { code: "26", description: "Subscriber not known at present", delivered: false },
  { code: "27", description: "Message centre error", delivered: false },
  { code: "30", description: "Delivery cannot be confirmed", delivered: false },
  { code: "31", description: "Not delivered, no reason given", delivered: false },
  { code: "32", description: "System error", delivered: false },
  { code: "33", description: "Mobile network error", delivered: false },
  { code: "34", description: "Home location register error", delivered: false },
  { code: "35", description: "Visitor location register error", delivered: false },
  { code: "36", description: "Authentication failed in the network", delivered: false },
  { code: "37", description: "Carrier connection not answering", delivered: false },
  { code: "38", description: "Carrier connection failed", delivered: false },
  { code: "39", description: "Out of credit with the carrier", delivered: false },
  { code: "3A", description: "Operator did not accept the message within its validity", delivered: false },
  { code: "3B", description: "Carrier queue full", delivered: false },
  { code: "3C", description: "Carrier link down", delivered: false },
  { code: "3D", description: "Waiting at the carrier", delivered: false },
  { code: "40", description: "Remote procedure error", delivered: false },
  { code: "41", description: "Incompatible destination", delivered: false },
  { code: "42", description: "Connection refused by the handset", delivered: false },
  { code: "43", description: "Destination cannot be reached", delivered: false },
  { code: "44", description: "Requested quality of service not available", delivered: false },
  { code: "45", description: "No interworking available", delivered: false },
  { code: "46", description: "Validity period expired", delivered: false },
  { code: "47", description: "Deleted by the sender", delivered: false },
  { code: "48", description: "Deleted by the message centre's operator", delivered: false },
  { code: "49", description: "Message does not exist", delivered: false },
  { code: "4A", description: "Unknown subscriber", delivered: false },
  { code: "4B", description: "Message centre error", delivered: false },
  { code: "50", description: "All attempts used up", delivered: false },
  { code: "51", description: "Time to live reached", delivered: false },
  { code: "52", description: "Malformed message data", delivered: false },
  { code: "53", description: "No route to the destination", delivered: false },
  { code: "54", description: "Authentication failed", delivered: false },
  { code: "55", description: "No response from the handset", delivered: false },
  { code: "56", description: "Message rejected", delivered: false },
  { code: "57", description: "Unknown error", delivered: false },
  { code: "58", description: "Barred: the handset has opted out or the operator bars it", delivered: false },
  { code: "59", description: "Message identifier not found at the carrier", delivered: false },
  { code: "5A", description: "Premium routing error", delivered: false },
  { code: "5B", description: "Service not set up at the carrier", delivered: false },
  { code: "5C", description: "Number disconnected", delivered: false },
  { code: "5D", description: "Validity expired with no receipt from the carrier", delivered: false },
  { code: "60", description: "Network congestion", delivered: false },
  { code: "61", description: "Handset busy", delivered: false },
  { code: "62", description: "No response from the handset", delivered: false },
  { code: "63", description: "Handset refused the message", delivered: false },
  { code: "64", description: "Requested quality of service not available", delivered: false },
  { code: "65", description: "Handset error", delivered: false },
  { code: "70", description: "All attempts used up", delivered: false },
  { code: "71", description: "Time to live reached", delivered: false },
  { code: "72", description: "Database error", delivered: false },
  { code: "73", description: "Component missing", delivered: false },
  { code: "74", description: "Prepaid credit not sufficient", delivered: false },
  { code: "75", description: "Configuration error", delivered: false },
  { code: "76", description: "Gateway component error", delivered: false },
  { code: "77", description: "Routing loop", delivered: false },
  { code: "78", description: "Age verification failed", delivered: false },
  { code: "79", description: "Age verification not available", delivered: false },
  { code: "7A", description: "In flight, outcome not known", delivered: false },
  { code: "7B", description: "Spend limit reached", delivered: false },
] as const satisfies readonly { code: string; description: string; delivered: boolean }[];

export type ReceiptCode = (typeof RECEIPT_CODES)[number]["code"];

const DESCRIPTIONS: ReadonlyMap<string, string> = new Map(
  RECEIPT_CODES.map(({ code, description }) => [code, description]),
);

/** True for a code of the table, spelled as there: `1` and `4A`, not `01` or `4a`. */
export function isReceiptCode(text: string): text is ReceiptCode {
  return DESCRIPTIONS.has(text);
}

/** The table's description of a code. An unknown one is "Unknown error", as 57: a webhook must not fail for it. */
export function describeCode(code: string): string {
  return DESCRIPTIONS.get(code) ?? "Unknown error";
}

/** 00–1F are delivered, all others failed. */
export function isDelivered(code: string): boolean {
  return Number.parseInt(code, 16) <= 0x1f;
}
