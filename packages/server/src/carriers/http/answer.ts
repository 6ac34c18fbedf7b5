import type { HttpCarrierConfig } from "../../config/carriers.ts";
import { type Fields, holds, readFields } from "../../runtime/fields.ts";
import { retryAfterMs } from "../../runtime/retry-after.ts";
import type { HttpAnswer } from "../http-client.ts";

/** The meaning of an answer for its message. */
export type HttpVerdict =
  /** The carrier's ids, one for each part that has its own; undefined if the API gives none and uses the message's. */
  | { kind: "accepted"; ids: (string | null)[] | undefined }
  | { kind: "refused"; code: string; error: string }
  /** The API refuses the credentials: nothing goes out until it takes them. */
  | { kind: "unauthorized" }
  /** The same again, after the pause. `counted`: only a limited number of times. */
  | {
      kind: "later";
      reason: "throttled" | "queue_full";
      code: string;
      pauseMs: number;
      counted: boolean;
      error: string;
    }
  /** A gateway between us and the API got no answer from it. */
  | { kind: "uncertain" };

export type AnswerSettings = Pick<HttpCarrierConfig, "accepted" | "errors" | "again">;

/** The longest pause; the program does not wait longer, because other messages wait with this one. */
const LONGEST_PAUSE_MS = 300_000;
/** Ids of one message, each kept: no text has more parts (3GPP TS 23.040 §9.2.3.24.1). */
const MOST_IDS = 255;
/** A longer text is neither an id nor a code. */
const LONGEST = 255;

/**
 * By the carrier's own settings first: its condition for acceptance, then its error code, then its status. Statuses that
 * they do not name mean what RFC 9110 §15 says: 401 and 407 refuse the credentials, 402, 408, 425, 429 and 503 ask to come
 * again, 500 does so a few times, 502 and 504 come from a gateway without an answer, all others refuse the message.
 */
export function answerVerdict(answer: HttpAnswer, settings: AnswerSettings, now: number): HttpVerdict {
  const { accepted, errors, again } = settings;
  const { status, headers, body } = answer;
  const fields = readFields(body, headers["content-type"]);
  if (isAccepted(status, fields, accepted)) return { kind: "accepted", ids: idsOf(accepted.id, fields, body) };
  const error = accepted.error === null ? null : fields.first(accepted.error);
  const pauseMs = Math.min(LONGEST_PAUSE_MS, retryAfterMs(headers["retry-after"] ?? "", now) ?? 0);
  const later = (reason: "throttled" | "queue_full", code: string, counted = false): HttpVerdict => {
    return { kind: "later", reason, code, pauseMs, counted, error: named.join(" ") };
  };
  const named = [error, String(status)].filter((key) => key !== null && key.length <= LONGEST) as string[];
  for (const key of named) {
    if (again.some((one) => String(one) === key)) return later("throttled", "20");
    if (Object.hasOwn(errors, key)) {
      return { kind: "refused", code: (errors[key] as string).toUpperCase(), error: named.join(" ") };
    }
  }
  switch (status) {
    case 401:
    case 407:
      return { kind: "unauthorized" };
    case 402:
      return later("queue_full", "39");
    case 429:
      return later("throttled", "20");
    case 408:
    case 425:
    case 503:
      return later("queue_full", "32");
    case 500:
      return later("queue_full", "32", true);
    case 502:
    case 504:
      return { kind: "uncertain" };
    default:
      return { kind: "refused", code: CODES.get(status) ?? "32", error: named.join(" ") };
  }
}

const CODES: ReadonlyMap<number, string> = new Map([
  [400, "52"],
  [413, "52"],
  [414, "52"],
  [422, "52"],
  [403, "56"],
]);

function isAccepted(status: number, fields: Fields, { status: wanted, when }: AnswerSettings["accepted"]): boolean {
  const statuses = wanted === null ? null : [wanted].flat();
  if (statuses === null ? status < 200 || status > 299 : !statuses.includes(status)) return false;
  return holds(fields, when);
}

function idsOf(id: AnswerSettings["accepted"]["id"], fields: Fields, body: string): (string | null)[] | undefined {
  if (id === null) return undefined;
  const found =
    typeof id === "string" ? fields.all(id).slice(0, MOST_IDS) : [new RegExp(id.match, "m").exec(body)?.[1] ?? null];
  const ids = found.map((one) => (one === null || one.trim() === "" || one.length > LONGEST ? null : one.trim()));
  return ids.length === 0 ? [null] : ids;
}
