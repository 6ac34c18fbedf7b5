import { CHANNELS, type Channel } from "../../message/channel.ts";
import { codeNumber } from "../../message/code-number.ts";
import { normaliseMsisdn } from "../../message/msisdn.ts";
import { isReceiptCode } from "../../message/receipt-codes.ts";
import { normaliseSenderId } from "../../message/sender-id.ts";
import type { Connections } from "../../store/database.ts";
import { accountNumber, carrierNumber, idOfGiven } from "../../store/messages/find-message.ts";
import type { Viewer } from "../../store/messages/message-row.ts";
import type { MessageFilter } from "../../store/messages/message-search.ts";
import type { Query, QueryShape } from "../query.ts";
import { queryFaults, withPlus } from "../query.ts";
import { NOT_A_NUMBER } from "../send/rules.ts";
import { MESSAGE_STATES } from "./message-answers.ts";
import { ALL_IDS, FilterFields, rangeOfBatch, within } from "./webhook-filter.ts";

/** The filter of a search for messages. */
export const MESSAGE_FILTER_QUERY = {
  to: "text",
  from: "text",
  state: "text",
  code: "text",
  channel: "text",
  carrier: "text",
  batch: "text",
  account: "text",
  since: "text",
  until: "text",
} as const satisfies QueryShape;

/** The last digits of a number. */
const ENDING = /^\*(\d{6,15})$/;
/** A value that no row has. */
const NOTHING = -1;

/** The number that a query names, whole or by its last digits; null where it names none. */
export function numberOf(to: string): MessageFilter["number"] {
  const digits = normaliseMsisdn(withPlus(to));
  if (digits !== null) return { digits, whole: true };
  const ending = ENDING.exec(to)?.[1];
  return ending === undefined ? null : { digits: ending, whole: false };
}

/** @throws Rejected `invalid-request` if the query has faults */
export async function messageFilter(
  database: Connections,
  viewer: Viewer,
  query: Query<typeof MESSAGE_FILTER_QUERY>,
): Promise<MessageFilter> {
  const fields = new FilterFields();
  const fault = (name: string, message: string): null => {
    fields.faults.push({ path: `?${name}`, message });
    return null;
  };
  const times = fields.times(["?since", query.since], ["?until", query.until]);
  const batch = fields.identifier("?batch", query.batch);
  const account = fields.identifier("?account", query.account);
  const read = <Value>(value: string | undefined, one: (text: string) => Value | null): Value | null =>
    value === undefined ? null : one(value);
  const number = read(
    query.to,
    (to) => numberOf(to) ?? fault("to", `${NOT_A_NUMBER}, nor the last of its digits, as *123456`),
  );
  const sender = read(query.from, (from) => normaliseSenderId(withPlus(from)) ?? fault("from", "is not a sender ID"));
  const states = read(query.state, (state) => {
    const numbers = state.split(",").map((name) => (MESSAGE_STATES as readonly string[]).indexOf(name));
    return numbers.includes(-1)
      ? fault("state", `must be of ${MESSAGE_STATES.join(", ")}; several with commas`)
      : numbers;
  });
  const code = read(query.code, (text) =>
    isReceiptCode(text.toUpperCase()) ? codeNumber(text) : fault("code", "is not a receipt code"),
  );
  const channel = read(query.channel, (name) =>
    (CHANNELS as readonly string[]).includes(name)
      ? (name as Channel)
      : fault("channel", `must be one of ${CHANNELS.join(", ")}`),
  );
  if (query.carrier !== undefined && viewer.accountId !== null) {
    fault("carrier", "needs an organization's key or the operator's");
  }
  if (fields.faults.length > 0) throw queryFaults(...fields.faults);
  let range = within(ALL_IDS, { first: times.first, last: times.last });
  if (batch !== null) range = within(range, rangeOfBatch(await idOfGiven(database, viewer, batch, "b")));
  const carrier = query.carrier === undefined ? null : ((await carrierNumber(database, query.carrier)) ?? NOTHING);
  return {
    viewer,
    ...range,
    number,
    sender,
    states,
    code,
    channel,
    carrier,
    account: account === null ? null : ((await accountNumber(database, account)) ?? NOTHING),
    single: false,
  };
}
