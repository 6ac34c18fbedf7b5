import type { Config } from "../../config/config.ts";
import { type Channel, type ChannelPlan, planOf, USUAL_CHANNEL } from "../../message/channel.ts";
import { endpointNumber } from "../../message/endpoint.ts";
import { isUuid } from "../../message/id.ts";
import { normaliseMsisdn } from "../../message/msisdn.ts";
import type { NationalLanguage } from "../../message/national-languages.ts";
import { countParts } from "../../message/segment.ts";
import { normaliseSenderId } from "../../message/sender-id.ts";
import { type TlvValues, tlvFaults } from "../../message/tlvs.ts";
import type { Fault } from "../../runtime/errors.ts";
import { invalid } from "../body.ts";
import { parseSendAt } from "./send-at.ts";

/** What a URL that a caller gives is judged by. */
export type CheckCallback = (url: string) => { ok: true; origin: string } | { ok: false; reason: string };

/** The path of a field by its name, as a fault names it. Only asked where one is needed: most requests have none. */
export type Place = (name: string) => string;

export interface RulesOptions {
  messages: Config["messages"];
  checkCallback: CheckCallback;
  /** Those that a carrier serves. */
  channels: ReadonlySet<Channel>;
  /** The national languages that a text to a destination may be written in. */
  languagesTo(destination: string): readonly NationalLanguage[];
}

/** Later than this from now a message is held for its time; nearer, it is sent at once. */
const SCHEDULE_FROM_MS = 5 * 60_000;
const MOST_FAULTS = 100;

export const NOT_A_NUMBER = "is not a mobile number in E.164: 7 to 15 digits with the country's code, + or not";
export const NOT_A_SENDER =
  "is not a sender ID: 1 to 11 characters of the GSM alphabet with a letter and no blanks at its ends or side by side, or 3 to 15 digits";

/**
 * The rules of single fields. Each answers the field's value for the store, and notes what is wrong with it, so that a
 * request is refused once, with every fault named. A field that is not there has no fault but the schema's.
 */
export class Rules {
  readonly #faults: Fault[];
  readonly now: number;
  /** The senders that were named, each with the first place that names it. */
  readonly senders = new Map<string, string>();
  readonly #options: RulesOptions;
  readonly #accountId: number;
  #checkedText: { text: string; languages: readonly NationalLanguage[]; parts: number } | null = null;

  /** @param faults what the schema found */
  constructor(options: RulesOptions, accountId: number, now: number, faults: readonly Fault[]) {
    this.#options = options;
    this.#accountId = accountId;
    this.now = now;
    this.#faults = [...faults];
  }

  /** Throws what was noted. */
  settle(): void {
    if (this.#faults.length > 0) throw invalid(this.#faults);
  }

  /** So many faults that the caller need not hear of more. */
  get full(): boolean {
    return this.#faults.length >= MOST_FAULTS;
  }

  /** Whether a fault of this place is noted, or of one in it or around it. */
  isFaulty(path: string): boolean {
    return this.#faults.some((fault) => isWithin(path, fault.path) || isWithin(fault.path, path));
  }

  fault(path: string, message: string): void {
    if (!this.full && !this.isFaulty(path)) this.#faults.push({ path, message });
  }

  /** Digits of the number. */
  destination(place: Place, name: string, value: string | undefined): string {
    if (value === undefined) return "";
    const digits = normaliseMsisdn(value);
    if (digits === null) this.fault(place(name), NOT_A_NUMBER);
    return digits ?? "";
  }

  languagesTo(destination: string): readonly NationalLanguage[] {
    return this.#options.languagesTo(destination);
  }

  /** The number of parts, where it may be written in these languages. */
  text(place: Place, name: string, value: string | undefined, languages: readonly NationalLanguage[]): number {
    if (value === undefined) return 0;
    const checked = this.#checkedText;
    if (checked?.text === value && checked.languages === languages) return checked.parts;
    const parts = countParts(value, languages);
    const { maxParts } = this.#options.messages;
    if (value.includes("\0")) this.fault(place(name), "has a NUL character (U+0000)");
    else if (!value.isWellFormed()) this.fault(place(name), "has half of a surrogate pair");
    else if (parts > maxParts) this.fault(place(name), `takes ${parts} parts; at most ${maxParts} are allowed`);
    else this.#checkedText = { text: value, languages, parts };
    return parts;
  }

  sender(place: Place, name: string, value: string | undefined): string {
    if (value === undefined) return "";
    const sender = normaliseSenderId(value);
    if (sender === null) this.fault(place(name), NOT_A_SENDER);
    else if (!this.senders.has(sender)) this.senders.set(sender, place(name));
    return sender ?? "";
  }

  /** The endpoint's number; null where there is no callback. */
  callback(place: Place, name: string, value: string | undefined): number | null {
    if (value === undefined) return null;
    const checked = this.#options.checkCallback(value);
    if (checked.ok) return endpointNumber(this.#accountId, checked.origin);
    this.fault(place(name), checked.reason);
    return null;
  }

  identifier(place: Place, name: string, value: string | undefined): string | null {
    if (value === undefined) return null;
    if (!isUuid(value)) this.fault(place(name), "is not a UUID");
    return value.toLowerCase();
  }

  /** Null for what goes as usual, which is what none means. */
  channels(place: Place, name: string, value: readonly Channel[] | undefined): ChannelPlan | null {
    const { channels } = this.#options;
    // Where there is no carrier at all, what goes as usual is taken, and fails for want of a route.
    if (value === undefined && (channels.has(USUAL_CHANNEL) || channels.size === 0)) return null;
    for (const channel of value ?? [USUAL_CHANNEL]) {
      // An entry at fault is not there.
      if (channel !== undefined && !channels.has(channel)) {
        this.fault(place(name), `${channel} is not available on this server`);
      }
    }
    const [first, second] = value ?? [];
    if (first !== undefined && first === second) this.fault(place(name), `names ${first} twice`);
    return planOf(value ?? []);
  }

  /** As they are stored, in JSON; null where there are none. */
  tlvs(place: Place, name: string, value: TlvValues | undefined): string | null {
    if (value === undefined || Object.keys(value).length === 0) return null;
    for (const { tag, message } of tlvFaults(value)) this.fault(`${place(name)}.${tag}`, message);
    for (const [tag, text] of Object.entries(value)) {
      if (typeof text !== "string") continue;
      if (text.includes("\0")) this.fault(`${place(name)}.${tag}`, "has a NUL character (U+0000)");
      else if (!text.isWellFormed()) this.fault(`${place(name)}.${tag}`, "has half of a surrogate pair");
    }
    return JSON.stringify(value);
  }

  /** When it is to be sent, in epoch milliseconds; null for at once, which past and near times mean too. */
  sendAt(place: Place, name: string, value: string | undefined): number | null {
    if (value === undefined) return null;
    const at = parseSendAt(value);
    if (at === null) this.fault(place(name), "is not a date and time of ISO 8601, as in 2030-01-31T09:30Z");
    return at !== null && at > this.now + SCHEDULE_FROM_MS ? at : null;
  }

  /** Epoch milliseconds, for what is sent at `from`. */
  times(validity: number | undefined, from: number): { expiresAt: number; receiptBy: number | null } {
    const { messages } = this.#options;
    const expiresAt = Math.ceil(from + (validity ?? messages.validity) * 1_000);
    return { expiresAt, receiptBy: validity === undefined ? null : expiresAt + messages.receiptMargin * 1_000 };
  }
}

/** `messages[1].from.value` is within `messages[1].from`, and within itself. */
function isWithin(path: string, outer: string): boolean {
  return path.startsWith(outer) && ["", ".", "["].includes(path.charAt(outer.length));
}
