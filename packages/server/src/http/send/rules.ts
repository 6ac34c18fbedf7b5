import type { NamedSender } from "../../accept/sender-owners.ts";
import type { Config } from "../../config/config.ts";
import { type Channel, type ChannelPlan, planOf, USUAL_CHANNEL } from "../../message/channel.ts";
import { endpointNumber } from "../../message/endpoint.ts";
import { isUuid } from "../../message/id.ts";
import { NOT_A_TIME, parseIsoTime } from "../../message/iso-time.ts";
import { normaliseMsisdn } from "../../message/msisdn.ts";
import type { NationalLanguage } from "../../message/national-languages.ts";
import type { RichContent } from "../../message/rich-content.ts";
import { richFaults, sizeFault } from "../../message/rich-faults.ts";
import { countParts } from "../../message/segment.ts";
import { LONGEST_ADDRESS, normaliseSenderId } from "../../message/sender-id.ts";
import { textFault } from "../../message/text-fault.ts";
import { type TlvValues, tlvFaults } from "../../message/tlvs.ts";
import { type FieldFault, invalid } from "../../runtime/errors.ts";

/** Judges a caller's URL. */
export type CheckCallback = (url: string) => { ok: true; origin: string } | { ok: false; reason: string };

/** The path of a field by its name, in the form of a fault. Only called for a fault: most requests have none. */
export type Place = (name: string) => string;

export interface RulesOptions {
  messages: Config["messages"];
  checkCallback: CheckCallback;
  /** Channels that a carrier serves. */
  channels: ReadonlySet<Channel>;
  /** The national languages in which a text to a destination may be written. */
  languagesTo(destination: string): readonly NationalLanguage[];
}

/** A message for a later time than this from now is held; one for an earlier time is sent at once. */
const SCHEDULE_FROM_MS = 5 * 60_000;
const MOST_FAULTS = 100;
/** Most characters of the rich content of all messages of a request, each with what it takes from `defaults`. */
export const MOST_RICH = 8 * 1024 * 1024;

export const NOT_A_NUMBER = "is not a mobile number in E.164: 7 to 15 digits with the country's code, + or not";
export const NOT_A_SENDER = `is not a sender ID: 1 to 11 characters of the GSM alphabet with a letter and no blanks at its ends or side by side, which the ${LONGEST_ADDRESS} octets of an SMPP address can hold (€ takes two), or 3 to 15 digits`;

/**
 * The rules of single fields. Each returns the field's value for the store, and collects its faults, so that a request is
 * refused once, with every fault named. A missing field has no fault but the schema's.
 */
export class Rules {
  readonly #faults: FieldFault[];
  readonly now: number;
  /** The named senders, one for each field that names one. */
  readonly senders: NamedSender[] = [];
  readonly #options: RulesOptions;
  readonly #accountId: number;
  #checkedText: { text: string; languages: readonly NationalLanguage[]; parts: number } | null = null;
  #checkedRich: { rich: RichContent; json: string } | null = null;
  #rich = 0;

  /** @param faults the schema's */
  constructor(options: RulesOptions, accountId: number, now: number, faults: readonly FieldFault[]) {
    this.#options = options;
    this.#accountId = accountId;
    this.now = now;
    this.#faults = faults.slice(0, MOST_FAULTS);
  }

  /** Throws what was noted. */
  settle(): void {
    if (this.#faults.length > 0) throw invalid(this.#faults);
  }

  /** There are as many faults as a caller is told of. */
  get full(): boolean {
    return this.#faults.length >= MOST_FAULTS;
  }

  /** Whether there is a fault of this place, or of one in it or around it. */
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

  /** The number of parts, if it may be written in these languages. */
  text(place: Place, name: string, value: string | undefined, languages: readonly NationalLanguage[]): number {
    if (value === undefined) return 0;
    const checked = this.#checkedText;
    if (checked?.text === value && checked.languages === languages) return checked.parts;
    const parts = countParts(value, languages);
    const { maxParts } = this.#options.messages;
    const fault = textFault(value);
    if (fault !== null) this.fault(place(name), fault);
    else if (parts > maxParts) this.fault(place(name), `takes ${parts} parts; at most ${maxParts} are allowed`);
    else this.#checkedText = { text: value, languages, parts };
    return parts;
  }

  /** One that the account must be allowed to use. */
  sender(place: Place, name: string, value: string | undefined): string {
    const sender = this.senderId(place, name, value);
    if (sender !== "") this.senders.push({ sender, field: () => place(name) });
    return sender;
  }

  senderId(place: Place, name: string, value: string | undefined): string {
    if (value === undefined) return "";
    const sender = normaliseSenderId(value);
    if (sender === null) this.fault(place(name), NOT_A_SENDER);
    return sender ?? "";
  }

  /** The endpoint's number; null without a callback. */
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

  /**
   * Null for the default channels. One that no carrier serves is no fault where another is named: the message goes on to
   * that one, as where a handset has no RCS.
   * @param first the channel before them all, which may be among them
   */
  channels(place: Place, name: string, value: readonly Channel[] | undefined, first?: Channel): ChannelPlan | null {
    const { channels } = this.#options;
    // Without any carrier, a message by the default channels is accepted, and fails for want of a route.
    if (value === undefined && (channels.has(USUAL_CHANNEL) || channels.size === 0)) return null;
    const named = value ?? [USUAL_CHANNEL];
    const all = first === undefined ? named : [first, ...named];
    // A faulty entry is undefined.
    if (all.every((channel) => channel !== undefined && !channels.has(channel))) {
      this.fault(place(name), `${all.join(", ")} is not available on this server`);
    }
    const twice = named.find((channel, index) => named.indexOf(channel) !== index);
    if (twice !== undefined) this.fault(place(name), `names ${twice} twice`);
    return planOf(all);
  }

  /** In the form of the store, JSON; null without any. */
  tlvs(place: Place, name: string, value: TlvValues | undefined): string | null {
    if (value === undefined || Object.keys(value).length === 0) return null;
    for (const { tag, message } of tlvFaults(value)) this.fault(`${place(name)}.${tag}`, message);
    for (const [tag, text] of Object.entries(value)) {
      const fault = typeof text === "string" ? textFault(text) : null;
      if (fault !== null) this.fault(`${place(name)}.${tag}`, fault);
    }
    return JSON.stringify(value);
  }

  /**
   * Rich content in the form of the store, JSON; null without any.
   * @param plan the message's; null for SMS alone
   */
  rich(place: Place, name: string, rich: RichContent | undefined, plan: ChannelPlan | null): string | null {
    if (rich === undefined) return null;
    if (plan?.channel !== "rcs" && plan?.fallback !== "rcs") this.fault(place(name), "needs rcs among the channels");
    const json = this.#richJson(place, name, rich);
    this.#rich += json.length;
    if (this.#rich > MOST_RICH) {
      const most = MOST_RICH.toLocaleString("en-GB");
      this.fault(place(name), `takes the request's rich content over ${most} characters: POST /batch keeps it once`);
    }
    return json;
  }

  #richJson(place: Place, name: string, rich: RichContent): string {
    // That of defaults is each message's.
    if (this.#checkedRich?.rich === rich) return this.#checkedRich.json;
    const at = place(name);
    for (const { path, message } of richFaults(rich)) this.fault(path === "" ? at : `${at}.${path}`, message);
    const tooLarge = this.isFaulty(at) ? null : sizeFault(rich);
    if (tooLarge !== null) this.fault(at, tooLarge);
    const json = JSON.stringify(rich);
    this.#checkedRich = { rich, json };
    return json;
  }

  /** When to send it, in epoch milliseconds; null for at once, which past and near times mean too. */
  sendAt(place: Place, name: string, value: string | undefined): number | null {
    if (value === undefined) return null;
    const at = parseIsoTime(value);
    if (at === null) this.fault(place(name), NOT_A_TIME);
    return at !== null && at > this.now + SCHEDULE_FROM_MS ? at : null;
  }

  /** Epoch milliseconds, of a message sent at `from`. */
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
