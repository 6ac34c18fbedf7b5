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
export const countText = (count: number, one: string): string =>
  `${numberText(count)} ${count === 1 ? one : `${one}s`}`;

/** The classes of states: good, bad, or under way. */
const TONES: Record<string, string> = {
  delivered: "good",
  up: "good",
  active: "good",
  failed: "bad",
  exhausted: "bad",
  down: "bad",
  slowed: "wait",
  "no-receiver": "bad",
  pending: "wait",
  "under way": "wait",
};

export function State({ of: state }: { of: string }) {
  return <span class={`state ${TONES[state] ?? ""}`}>{state}</span>;
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
