import { agentContent } from "./agent-content.ts";
import { NOT_A_TIME, parseIsoTime } from "./iso-time.ts";
import { normaliseMsisdn } from "./msisdn.ts";
import {
  RICH_LIMITS,
  type RichCard,
  type RichContent,
  type RichFile,
  SUGGESTION_KINDS,
  type Suggestion,
  type SuggestionKind,
} from "./rich-content.ts";
import { textFault } from "./text-fault.ts";

/** `path` as in `card.suggestions[0].url`; empty for the content itself. */
export interface RichFault {
  path: string;
  message: string;
}

/** Fields of a suggestion by its kind: those that it must have, and those that it may have. */
const FIELDS: Record<SuggestionKind, { must: readonly (keyof Suggestion)[]; may: readonly (keyof Suggestion)[] }> = {
  reply: { must: [], may: [] },
  open: { must: ["url"], may: [] },
  dial: { must: ["number"], may: [] },
  location: { must: [], may: ["latitude", "longitude", "label", "query"] },
  calendar: { must: ["title", "start", "end"], may: ["description"] },
};
const CONTENTS = ["text", "card", "carousel", "file"] as const;
/** A URL as RFC 3986 has it, which no blank or control character is part of. */
const HTTP_URL = /^https?:\/\/[^\s\p{Cc}]+$/iu;
/** The years 1 to 9999, which protobuf's Timestamp holds, in epoch milliseconds. */
const [FIRST_TIME, LAST_TIME] = [Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59.999Z")];

/**
 * The faults of rich content that a schema does not see: what belongs together, and the platform's limits
 * (`RICH_LIMITS`). Its fields are of the right types, or were taken out.
 */
export function richFaults(rich: RichContent): RichFault[] {
  const found = new Found();
  const { text, card, carousel, file, suggestions } = rich;
  const [first, ...more] = CONTENTS.filter((name) => rich[name] !== undefined);
  for (const name of more) found.add(name, `stands beside ${first}: a message shows one of ${CONTENTS.join(", ")}`);
  if (first === undefined && suggestions === undefined) {
    found.add("", `needs one of ${CONTENTS.join(", ")}, or suggestions`);
  }
  found.length("text", text, RICH_LIMITS.text);
  found.suggestions("suggestions", suggestions);
  if (file !== undefined) found.file("file", file);
  if (card !== undefined) {
    found.card("card", card);
    const { title, description, media, orientation } = card;
    const isPictureAlone =
      media !== undefined && [title, description, card.suggestions].every((one) => one === undefined);
    if (orientation?.toUpperCase() === "HORIZONTAL" && isPictureAlone) {
      found.add("card", "is HORIZONTAL with media: it needs a title, a description or suggestions beside it");
    }
  }
  const isSmall = carousel?.width?.toUpperCase() === "SMALL";
  for (const [index, one] of (carousel?.cards ?? []).entries()) {
    if (one === undefined) continue;
    found.card(`carousel.cards[${index}]`, one);
    if (isSmall && one.media?.height?.toUpperCase() === "TALL") {
      found.add(`carousel.cards[${index}].media.height`, "cannot be TALL in a carousel whose width is SMALL");
    }
  }
  found.characters("", rich);
  return found.faults;
}

/** Why rich content without another fault is too large for the platform; null if it is not. */
export function sizeFault(rich: RichContent): string | null {
  const octets = Buffer.byteLength(JSON.stringify({ contentMessage: agentContent(rich, "") }));
  return octets > RICH_LIMITS.octets ? `takes ${octets} octets; at most ${RICH_LIMITS.octets} are allowed` : null;
}

/** Whether a text has more characters than these. */
function isLonger(text: string, most: number): boolean {
  // Code points are no more than UTF-16 code units.
  return text.length > most && [...text].length > most;
}

class Found {
  readonly faults: RichFault[] = [];

  add(path: string, message: string): void {
    this.faults.push({ path, message });
  }

  length(path: string, text: string | undefined, most: number): void {
    if (text !== undefined && isLonger(text, most)) this.add(path, `must have at most ${most} characters`);
  }

  file(path: string, { url, thumbnail }: Partial<RichFile>): void {
    this.url(`${path}.url`, url);
    this.url(`${path}.thumbnail`, thumbnail);
  }

  url(path: string, url: string | undefined): void {
    if (url === undefined) return;
    if (url.length > RICH_LIMITS.url) this.add(path, `must have at most ${RICH_LIMITS.url} characters`);
    else if (!HTTP_URL.test(url) || !URL.canParse(url)) this.add(path, "must be an http or https URL");
  }

  card(path: string, { title, description, media, suggestions }: RichCard): void {
    if (title === undefined && description === undefined && media === undefined) {
      this.add(path, "needs a title, a description or media");
    }
    this.length(`${path}.title`, title, RICH_LIMITS.cardTitle);
    this.length(`${path}.description`, description, RICH_LIMITS.cardDescription);
    if (media !== undefined) this.file(`${path}.media`, media);
    this.suggestions(`${path}.suggestions`, suggestions);
  }

  suggestions(path: string, suggestions: readonly (Suggestion | undefined)[] = []): void {
    for (const [index, one] of suggestions.entries()) {
      if (one !== undefined) this.suggestion(`${path}[${index}]`, one);
    }
  }

  suggestion(path: string, one: Suggestion): void {
    const [kind, ...more] = SUGGESTION_KINDS.filter((name) => one[name] !== undefined);
    if (kind === undefined) {
      this.add(path, `needs one of ${SUGGESTION_KINDS.join(", ")}`);
      return;
    }
    for (const other of more) this.add(`${path}.${other}`, `stands beside ${kind}: a suggestion has one of them`);
    if (more.length > 0) return;
    const { must, may } = FIELDS[kind];
    for (const name of must) if (one[name] === undefined) this.add(`${path}.${name}`, `is required beside ${kind}`);
    const known: readonly string[] = [kind, "postback", ...must, ...may];
    for (const name of Object.keys(one)) {
      if (!known.includes(name)) this.add(`${path}.${name}`, `does not belong beside ${kind}`);
    }
    this.length(`${path}.${kind}`, one[kind], RICH_LIMITS.suggestionText);
    this.length(`${path}.postback`, one.postback, RICH_LIMITS.postback);
    this.url(`${path}.url`, one.url);
    if (one.number !== undefined && normaliseMsisdn(one.number) === null) {
      this.add(`${path}.number`, "is not a number in E.164: 7 to 15 digits with the country's code, + or not");
    }
    this.place(path, one);
    this.event(path, one);
  }

  /** Where a location is: a point, with or without a label, or a search; nothing of it asks for the handset's own. */
  place(path: string, { latitude, longitude, label, query }: Suggestion): void {
    if (latitude === undefined && longitude !== undefined) this.add(`${path}.latitude`, "is required beside longitude");
    if (longitude === undefined && latitude !== undefined) this.add(`${path}.longitude`, "is required beside latitude");
    if (query !== undefined && (latitude !== undefined || longitude !== undefined)) {
      this.add(`${path}.query`, "stands beside a point: a location has one of them");
    }
    if (label !== undefined && latitude === undefined && longitude === undefined) {
      this.add(`${path}.label`, "needs latitude and longitude");
    }
    this.length(`${path}.label`, label, RICH_LIMITS.label);
    this.length(`${path}.query`, query, RICH_LIMITS.query);
  }

  event(path: string, { title, start, end, description }: Suggestion): void {
    this.length(`${path}.title`, title, RICH_LIMITS.eventTitle);
    this.length(`${path}.description`, description, RICH_LIMITS.eventDescription);
    const [from, to] = [this.time(`${path}.start`, start), this.time(`${path}.end`, end)];
    if (from !== null && to !== null && to <= from) this.add(`${path}.end`, "must be after start");
  }

  time(path: string, time: string | undefined): number | null {
    if (time === undefined) return null;
    const at = parseIsoTime(time);
    if (at !== null && at >= FIRST_TIME && at <= LAST_TIME) return at;
    this.add(path, NOT_A_TIME);
    return null;
  }

  /** Characters that no text may have. */
  characters(path: string, value: unknown): void {
    if (typeof value === "string") {
      const fault = textFault(value);
      if (fault !== null) this.add(path, fault);
    } else if (Array.isArray(value)) {
      for (const [index, entry] of value.entries()) this.characters(`${path}[${index}]`, entry);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) this.characters(path === "" ? name : `${path}.${name}`, inner);
    }
  }
}
