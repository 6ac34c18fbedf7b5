/**
 * The events of a message that do not follow from the columns of its row: the carriers' answers and reports, and its
 * fallbacks. Kept as one text in the row, a line each, oldest first (docs/decisions/events.md): a letter, the time, and
 * fields between tabs. Values of columns are left out, since most messages have one submit and one receipt.
 */

/** Whether a receipt changed its message, or why not. */
export const RECEIPT_EFFECTS = ["applied", "intermediate", "late", "repeated"] as const;
export type ReceiptEffect = (typeof RECEIPT_EFFECTS)[number];

/** The next step after a carrier's refusal. */
export const REFUSAL_ENDS = ["fail", "later", "carrier", "channel"] as const;
export type RefusalEnd = (typeof REFUSAL_ENDS)[number];

/** A receipt's state in words, in the order in which the store numbers them. */
export const RECEIPT_STATES = [
  "delivered",
  "undeliverable",
  "expired",
  "deleted",
  "rejected",
  "skipped",
  "replaced",
  "accepted",
  "enroute",
  "unknown",
  "read",
] as const;
export type ReceiptState = (typeof RECEIPT_STATES)[number];

export type StoredEvent =
  /** The end of its wait for `send_at`. */
  | { kind: "released"; at: number }
  /** `carrier` and `id` are undefined if they are the row's. `ms`: milliseconds until the answer. */
  | { kind: "submitted"; at: number; part: number; ms: number; carrier?: number; id?: string | null }
  | {
      kind: "refused";
      at: number;
      part: number;
      ms: number;
      carrier: number;
      /** By its name or number; null if the carrier did not refuse. */
      status: string | null;
      /** The receipt code; null if it says nothing of the message. */
      code: string | null;
      end: RefusalEnd;
    }
  | { kind: "uncertain"; at: number; carrier: number }
  | ReceiptEvent
  | { kind: "fallback"; at: number; from: string; to: string };

export interface ReceiptEvent {
  kind: "receipt";
  at: number;
  /** Undefined if it is the row's. */
  carrier?: number;
  /** The number of the part of a long message; null for a message of one part. */
  part: number | null;
  state: ReceiptState;
  /** As the carrier wrote it. */
  error: string | null;
  /** Null if the receipt had none. */
  text: string | null;
  doneAt: number | null;
  effect: ReceiptEffect;
}

/** Fields of a message that its lines omit. */
export interface Known {
  carrier: number | null;
  /** The id of a message of one part. */
  carrierMessageId: string | null;
}

const NOTHING = "";
/** Numbers up to this are written in 30 ns. */
const SMALL = 0xffff;

/** A carrier took a message of one part: its number and its id are in the row. */
export function submittedLine(at: number, ms: number): string {
  return `s${base36(at)}\t${base36(ms)}`;
}

/** The beginning of a fallback's line; the channels follow. */
export function fallbackLine(at: number): string {
  return `f${base36(at)}`;
}

/** The event as a line, without its end. */
export function eventLine(event: StoredEvent): string {
  const at = base36(event.at);
  switch (event.kind) {
    case "released":
      return `r${at}`;
    case "submitted": {
      const { part, ms, carrier, id } = event;
      if (part === 0 && carrier === undefined && id === undefined) return submittedLine(event.at, ms);
      return `s${at}\t${base36(ms)}\t${part}\t${carrier ?? NOTHING}\t${id === null ? NOTHING : escaped(id ?? NOTHING)}`;
    }
    case "refused": {
      const { part, ms, carrier, status, code, end } = event;
      const words = `${code ?? NOTHING}\t${REFUSAL_ENDS.indexOf(end)}\t${escaped(status ?? NOTHING)}`;
      return `x${at}\t${base36(ms)}\t${part}\t${carrier}\t${words}`;
    }
    case "uncertain":
      return `u${at}\t${event.carrier}`;
    case "fallback":
      return `${fallbackLine(event.at)}\t${event.from}\t${event.to}`;
    case "receipt": {
      const { carrier, part, error, doneAt, text } = event;
      const rest = `${escaped(error ?? NOTHING)}\t${doneAt ?? NOTHING}${text === null ? NOTHING : `\t${escaped(text)}`}`;
      return `${receiptHead(event)}\t${carrier ?? NOTHING}\t${part ?? NOTHING}\t${rest}`;
    }
  }
}

function receiptHead({ at, state, effect }: Pick<ReceiptEvent, "at" | "state" | "effect">): string {
  return `d${base36(at)}\t${base36(RECEIPT_STATES.indexOf(state))}${RECEIPT_EFFECTS.indexOf(effect)}`;
}

/**
 * The text of SMPP 3.4's appendix B with which nearly every message ends. Its id is the row's, its dates are often alike:
 * about 15 of 110 octets are kept.
 */
const USUAL =
  /^id:([^ ]+) sub:001 dlvrd:001 submit date:(\d{10,12}) done date:(\d{10,12}) stat:DELIVRD err:000 ([tT])ext:/;

/**
 * The line of a receipt that makes a message of one part delivered.
 * @param id the carrier's id in the row
 */
export function finalReceiptLine(event: ReceiptEvent, id: string | null): string {
  const { text, error, state } = event;
  const match = text === null || error !== "000" || state !== "delivered" ? null : USUAL.exec(text);
  if (match === null || match[1] !== id) return eventLine(event);
  const [head, , submitDate = "", doneDate = "", letter] = match;
  const done = doneDate === submitDate ? NOTHING : `+${doneDate}`;
  return `${letter === "T" ? "D" : "e"}${base36(event.at)}\t${submitDate}${done}\t${escaped((text as string).slice(head.length))}`;
}

/**
 * The events of a row's text, oldest first. An unreadable line is left out.
 * @param readDate reads a receipt's date, as the receipt's own field is read
 */
export function eventsOf(text: string | null, known: Known, readDate: (date: string) => number | null): StoredEvent[] {
  if (text === null || text === "") return [];
  const events: StoredEvent[] = [];
  for (const line of text.split("\n")) {
    const event = eventOf(line, known, readDate);
    if (event !== null) events.push(event);
  }
  return events;
}

/**
 * When a message that was held for its time was accepted, epoch milliseconds; null for others, and where it was not kept. The
 * release writes it behind its line (`store/messages/release-pending.ts`), in decimal digits.
 */
export function heldSince(text: string | null): number | null {
  const found = text?.startsWith("r") ? /^r\w+\t(\d+)/.exec(text) : null;
  return found === null ? null : Number(found[1]);
}

/** When the last of a row's parts was submitted, epoch milliseconds; null if no line says so. Lists read no more of a story. */
export function lastSubmittedAt(text: string | null): number | null {
  if (text === null) return null;
  const start = text.lastIndexOf("\ns") + 1;
  const at = text[start] === "s" ? Number.parseInt(text.slice(start + 1, start + 12), 36) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function eventOf(line: string, known: Known, readDate: (date: string) => number | null): StoredEvent | null {
  const fields = line.slice(1).split("\t");
  const [first = "", ...rest] = fields;
  const at = Number.parseInt(first, 36);
  if (Number.isNaN(at)) return null;
  switch (line[0]) {
    case "r":
      return { kind: "released", at };
    case "s": {
      const [ms = "", part, carrier = "", id] = rest;
      const submitted = { kind: "submitted", at, ms: Number.parseInt(ms, 36) } as const;
      if (part === undefined) return { ...submitted, part: 0 };
      const by = carrier === "" ? {} : { carrier: Number(carrier) };
      return { ...submitted, part: Number(part), ...by, id: id === undefined || id === "" ? null : unescaped(id) };
    }
    case "x": {
      const [ms = "", part, carrier, code = "", end, status = ""] = rest;
      return {
        kind: "refused",
        at,
        ms: Number.parseInt(ms, 36),
        part: Number(part),
        carrier: Number(carrier),
        status: status === "" ? null : unescaped(status),
        code: code === "" ? null : code,
        end: REFUSAL_ENDS[Number(end)] ?? "fail",
      };
    }
    case "u":
      return { kind: "uncertain", at, carrier: Number(rest[0]) };
    case "f":
      return { kind: "fallback", at, from: rest[0] ?? "", to: rest[1] ?? "" };
    case "d":
      return receiptOf(at, rest);
    case "D":
    case "e":
      return usualReceiptOf(at, rest, line[0] === "D" ? "Text:" : "text:", known, readDate);
    default:
      return null;
  }
}

function receiptOf(
  at: number,
  [head = "", carrier = "", part = "", error = "", done = "", text]: string[],
): ReceiptEvent {
  return {
    kind: "receipt",
    at,
    ...(carrier === "" ? {} : { carrier: Number(carrier) }),
    part: part === "" ? null : Number(part),
    state: RECEIPT_STATES[Number.parseInt(head[0] ?? "", 36)] ?? "unknown",
    error: error === "" ? null : unescaped(error),
    text: text === undefined ? null : unescaped(text),
    doneAt: done === "" ? null : Number(done),
    effect: RECEIPT_EFFECTS[Number(head[1])] ?? "applied",
  };
}

function usualReceiptOf(
  at: number,
  [dates = "", behind = ""]: string[],
  label: string,
  known: Known,
  readDate: (date: string) => number | null,
): ReceiptEvent {
  const [submitDate = "", doneDate = submitDate] = dates.split("+");
  const fields = `sub:001 dlvrd:001 submit date:${submitDate} done date:${doneDate} stat:DELIVRD err:000 ${label}`;
  return {
    kind: "receipt",
    at,
    part: null,
    state: "delivered",
    error: "000",
    text: `id:${known.carrierMessageId ?? ""} ${fields}${unescaped(behind)}`,
    doneAt: readDate(doneDate),
    effect: "applied",
  };
}

/** The text of a row with further lines; null for none. */
export function joined(one: string | null | undefined, other: string | null | undefined): string | null {
  if (one === null || one === undefined || one === "") return other === undefined || other === "" ? null : other;
  return other === null || other === undefined || other === "" ? one : `${one}\n${other}`;
}

let lastNumber = -1;
let lastText = "";

/** The last number's text is kept: several messages come in a millisecond, and writing its 41 bits anew takes 0.4 µs. */
function base36(value: number): string {
  if (value <= SMALL) return value.toString(36);
  if (value !== lastNumber) {
    lastNumber = value;
    lastText = value.toString(36);
  }
  return lastText;
}

/** Characters that would end a field or a line, and NUL, which PostgreSQL's texts cannot hold, with their escapes. */
const SPECIAL = /[\0\t\n\\]/;
const SPECIALS = /[\0\t\n\\]/g;
const ESCAPES: Readonly<Record<string, string>> = { "\0": "\\0", "\t": "\\t", "\n": "\\n", "\\": "\\\\" };
const UNESCAPES: Readonly<Record<string, string>> = { "0": "\0", t: "\t", n: "\n", "\\": "\\" };

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, (special) => ESCAPES[special] as string) : text;
}

function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.)/g, (_, letter: string) => UNESCAPES[letter] ?? letter) : text;
}
