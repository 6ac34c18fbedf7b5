import { type Channel, USUAL_CHANNEL } from "../../message/channel.ts";
import { codeNumber } from "../../message/code-number.ts";
import { countryOf } from "../../message/country.ts";
import { bucketOf, bucketSql, NO_BUCKET } from "../../message/durations.ts";
import { ACCEPTED, isFinalSql, type MessageState, SUBMITTED } from "../../message/lifecycle.ts";

/** Counts of messages that came to a state, or of webhooks that succeeded. */
export const TOLD = 4;
export type Counted = MessageState | typeof TOLD;

/** No code, in the store; no carrier is 0, and no country the empty text. */
export const NO_CODE = -1;

/**
 * Counts of one flush as a row of `stat_flush` has them: entries with `;` between them, fields with `,`. What, account,
 * carrier, country (in letters, or the first four digits of the number), channel (nothing: SMS), code, bucket of the
 * duration, how many, and parts. What does not apply is empty, and the parts may be missing.
 */
export class Counts {
  readonly #counts = new Map<string, { messages: number; parts: number }>();

  add(
    what: Counted,
    accountId: number,
    destination: string,
    channel: Channel | null,
    carrier: number | null,
    code: number | null,
    ms: number | null,
    parts: number,
  ): void {
    const place = countryOf(destination) ?? "";
    const bucket = ms === null ? "" : bucketOf(ms);
    const key = `${what},${accountId},${carrier ?? ""},${place},${channel ?? ""},${code ?? ""},${bucket}`;
    const count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, { messages: 1, parts });
    else {
      count.messages++;
      count.parts += parts;
    }
  }

  get size(): number {
    return this.#counts.size;
  }

  toString(): string {
    let text = "";
    for (const [key, { messages, parts }] of this.#counts) {
      text += `${text === "" ? "" : ";"}${key},${messages}${parts === 0 ? "" : `,${parts}`}`;
    }
    return text;
  }
}

/** Counts of messages that came to their states at one time. */
export interface TimedCounts {
  /** Epoch milliseconds. */
  at: number;
  counts: string;
}

export const MINUTE_MS = 60_000;

/** One sum of `stat`, without its span. */
export interface Sum {
  /** The beginning of its minute, hour or day, in epoch milliseconds. */
  at: number;
  accountId: number;
  what: number;
  carrier: number;
  code: number;
  bucket: number;
  country: string;
  channel: string;
  messages: number;
  parts: number;
}

/** Reads what a flush has counted. @param at a time within its minute, in epoch milliseconds */
export function readCounts({ at, counts }: TimedCounts): Sum[] {
  return counts.split(";").map((entry) => {
    const [what, account, carrier, place = "", channel, code, bucket, messages, parts] = entry.split(",");
    return {
      at: Math.floor(at / MINUTE_MS) * MINUTE_MS,
      accountId: Number(account),
      what: Number(what),
      carrier: Number(carrier),
      code: code === "" ? NO_CODE : Number(code),
      bucket: bucket === "" ? NO_BUCKET : Number(bucket),
      country: place >= "A" ? place : (countryOf(place) ?? ""),
      channel: channel === "" || channel === undefined ? USUAL_CHANNEL : channel,
      messages: Number(messages),
      parts: Number(parts ?? 0),
    };
  });
}

const ENTRY = "format('%s,%s,%s,%s,%s,%s,%s,%s', what, account_id, carrier, place, channel, code, bucket, messages)";
const PLACE = "left(destination::text, 4) AS place";

/** An insert of the entries that a query has the columns of, in one row; none where there are none. */
function countsFrom(query: string): string {
  return `
  INSERT INTO stat_flush (counts)
  SELECT string_agg(${ENTRY}, ';') FROM (${query}) AS c HAVING count(*) > 0`;
}

/** `submitted_at` of what a carrier takes now. */
export const SUBMITTED_NOW = "extract(epoch FROM now())";

/** A carrier has it: its receipt, should that have come in the same flush, is for an id that the carrier gave. */
export function isTakenSql(state: string, carrierMessageId: string): string {
  return `(${state} = ${SUBMITTED} OR ${carrierMessageId} IS NOT NULL)`;
}

/** Codes of messages whose receipt never came, or never said more than that the carrier does not know. */
const NONE_CAME = `(${codeNumber("5D")}, ${codeNumber("30")})`;

/**
 * Counts the rows of `moved`, which has the columns of MOVED (store/messages/finals.ts), in the statement that moves them.
 * @param submits whether what it moves was accepted before, so that what a carrier has now is counted as submitted
 */
export function movedCounts(submits: boolean): string {
  const submitted = `
    SELECT ${SUBMITTED} AS what, account_id, carrier, ${PLACE}, channel, NULL::int AS code, NULL::int AS bucket, count(*) AS messages
    FROM moved WHERE ${isTakenSql("state", "carrier_message_id")} GROUP BY account_id, carrier, place, channel
    UNION ALL`;
  const came = submits ? "carrier_message_id IS NOT NULL" : `code NOT IN ${NONE_CAME}`;
  const seconds = "(extract(epoch FROM now()) - submitted_at)::float8";
  return countsFrom(`${submits ? submitted : ""}
    SELECT state AS what, account_id, carrier, ${PLACE}, channel, code::int,
           CASE WHEN ${came} AND submitted_at IS NOT NULL THEN ${bucketSql(seconds)} END AS bucket, count(*) AS messages
    FROM moved WHERE ${isFinalSql("state")} GROUP BY state, account_id, carrier, place, channel, code, bucket`);
}

/** Counts the rows of `made`, messages that are accepted now. */
export const MADE_COUNTS = `
  INSERT INTO stat_flush (counts)
  SELECT string_agg(concat(${ENTRY}, ',', parts), ';') FROM (
    SELECT ${ACCEPTED} AS what, account_id, '' AS carrier, ${PLACE}, channel, '' AS code, '' AS bucket, count(*) AS messages,
           sum(parts) AS parts
    FROM made GROUP BY account_id, place, channel
  ) AS c HAVING count(*) > 0`;

/** Counts the webhooks of messages among `tried` that have succeeded for the first time, by how long ago they became final. */
export const TOLD_COUNTS = countsFrom(`
    SELECT ${TOLD} AS what, m.account_id, m.carrier, left(m.destination::text, 4) AS place, m.channel, m.code,
           ${bucketSql("extract(epoch FROM now() - m.final_at)::float8")} AS bucket, count(*) AS messages
    FROM tried t JOIN message m ON m.id = t.id
    WHERE t.succeeds GROUP BY m.account_id, m.carrier, place, m.channel, m.code, bucket`);
