import { useState } from "preact/hooks";

/** Year first, in the reader's time zone. */
const LOCAL = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium" });
const OFFSET = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" });
const NUMBER = new Intl.NumberFormat("en");

/** How far the reader's time zone is from UTC at a moment, as in `UTC+1`. */
export function zoneText(at: Date): string {
  const zone = OFFSET.formatToParts(at).find(({ type }) => type === "timeZoneName");
  return zone?.value.replace("GMT", "UTC") ?? "";
}

/** A moment, in the reader's time zone, with that zone; the hover text is what the server wrote. */
export function Moment({ at }: { at: string | null }) {
  if (at === null) return <span class="quiet">–</span>;
  return (
    <time dateTime={at} title={at}>
      {LOCAL.format(new Date(at))} <small>{zoneText(new Date(at))}</small>
    </time>
  );
}

export const numberText = (value: number): string => NUMBER.format(value);

/** How many there are of something: `1 message`, `1,200 messages`. */
export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${numberText(count)} ${count === 1 ? one : many}`;

const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
/** A part of a whole, 0 to 1. */
export const percentText = (part: number): string => PERCENT.format(part);

const COMPACT = new Intl.NumberFormat("en", { notation: "compact" });
/** A number where there is little room, as in `12K`. */
export const compactText = (value: number): string => COMPACT.format(value);

/** Seconds in the unit that fits, as in `0.25 s`, `12 min` or `3.5 h`. */
export function secondsText(seconds: number): string {
  const [value, unit] =
    seconds < 120 ? [seconds, "s"] : seconds < 7_200 ? [seconds / 60, "min"] : [seconds / 3_600, "h"];
  return `${Number(value.toPrecision(value < 100 ? 2 : 3))} ${unit}`;
}

/** The classes of states: good, bad, or under way. */
const TONES: Record<string, string> = {
  delivered: "good",
  up: "good",
  active: "good",
  failed: "bad",
  exhausted: "bad",
  down: "bad",
  ok: "good",
  failing: "bad",
  probed: "bad",
  paused: "wait",
  slowed: "wait",
  "no-receiver": "bad",
  pending: "wait",
  accepted: "wait",
  submitted: "wait",
  sending: "wait",
  "under way": "wait",
};

/** A state as a word with a frame; its children are the word where it is another. */
export function State({ of: state, children = state }: { of: string; children?: string }) {
  return <span class={`state ${TONES[state] ?? ""}`}>{children}</span>;
}

/** Submits under way, of those that may be. */
export function UnderWay({ under_way, window }: { under_way: number; window: number }) {
  return (
    <span>
      {numberText(under_way)} of {numberText(window)}{" "}
      <meter aria-hidden="true" min={0} max={Math.max(1, window)} value={under_way} />
    </span>
  );
}

/** A text to copy; without a button where the browser offers no clipboard (an address without TLS). */
export function Copyable({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <span class="copyable">
      <code>{text}</code>
      {navigator.clipboard !== undefined && (
        <button type="button" class="small" onClick={copy}>
          {copied ? "Copied" : "Copy"}
        </button>
      )}
    </span>
  );
}

/** A key or secret that no answer shows again. */
export function ShownOnce({ what, text, onDone }: { what: string; text: string; onDone: () => void }) {
  return (
    <div class="notice" role="status">
      <p>
        <b>{what}</b>: note it now, it is not shown again.
      </p>
      <Copyable text={text} />
      <p>
        <button type="button" class="small" onClick={onDone}>
          I have noted it
        </button>
      </p>
    </div>
  );
}
