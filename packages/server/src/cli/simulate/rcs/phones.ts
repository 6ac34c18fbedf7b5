import type { AgentMessageBody, Suggestion } from "./content.ts";

export type Content = AgentMessageBody["contentMessage"];

/** A line of a conversation: a message of the agent, or words of the handset. */
export type Line = { by: "agent"; agentId: string; content: Content } | { by: "handset"; words: string };

/** An act of a handset: it writes, taps, or sends a file or its location. */
export type Deed =
  | { text: string }
  /** The words on a suggestion, or its number among those of the conversation. */
  | { tap: string | number }
  | { file: string }
  | { location: { latitude: number; longitude: number } };

/** The content that a handset sends, as UserMessage has it, and the words that its owner sees of it. */
export interface Sent {
  agentId: string;
  content: object;
  words: string;
}

const MOST_PHONES = 1_000;
const MOST_LINES = 100;

/** The conversations of handsets with agents, the latest of each. */
export class Phones {
  readonly #lines = new Map<string, Line[]>();

  of(handset: string): readonly Line[] {
    return this.#lines.get(handset) ?? [];
  }

  show(handset: string, line: Line): void {
    const lines = this.#lines.get(handset) ?? [];
    this.#lines.delete(handset);
    this.#lines.set(handset, [...lines, line].slice(-MOST_LINES));
    if (this.#lines.size > MOST_PHONES) this.#lines.delete(this.#lines.keys().next().value as string);
  }

  /** Does it on the handset; a text says why it cannot be done. */
  do(handset: string, deed: Deed): Sent | string {
    const last = this.of(handset).findLast((line) => line.by === "agent");
    if (last?.by !== "agent") return "No agent has written to this handset yet.";
    const sent = this.#sent(handset, deed, last.agentId);
    if (typeof sent !== "string") this.show(handset, { by: "handset", words: sent.words });
    return sent;
  }

  #sent(handset: string, deed: Deed, agentId: string): Sent | string {
    if ("text" in deed) return { agentId, content: { text: deed.text }, words: deed.text };
    if ("location" in deed) {
      const { latitude, longitude } = deed.location;
      return { agentId, content: { location: deed.location }, words: `My place: ${latitude}, ${longitude}` };
    }
    if ("file" in deed) {
      const fileName = new URL(deed.file).pathname.split("/").pop() ?? "";
      const payload = { mimeType: "application/octet-stream", fileSizeBytes: 1, fileName, fileUri: deed.file };
      return { agentId, content: { userFile: { payload } }, words: `File: ${deed.file}` };
    }
    const all = this.of(handset).flatMap((line) => (line.by === "agent" ? suggestionsOf(line.content) : []));
    const { tap } = deed;
    const tapped = typeof tap === "number" ? all[tap] : all.findLast((one) => wordsOn(one).text === tap);
    if (tapped === undefined) return `Nothing to tap says ${JSON.stringify(tap)}.`;
    const { text, postbackData } = wordsOn(tapped);
    return { agentId, content: { suggestionResponse: { postbackData, text } }, words: text };
  }
}

/** All that can be tapped in a message: on its cards, then under it. */
function suggestionsOf(content: Content): Suggestion[] {
  return [...cardsOf(content).flatMap(({ suggestions = [] }) => suggestions), ...(content.suggestions ?? [])];
}

export function cardsOf(content: Content) {
  if (!("richCard" in content)) return [];
  const { richCard } = content;
  return "standaloneCard" in richCard ? [richCard.standaloneCard.cardContent] : richCard.carouselCard.cardContents;
}

export function wordsOn(suggestion: Suggestion): { text: string; postbackData: string } {
  return "reply" in suggestion ? suggestion.reply : suggestion.action;
}

/** A deed as JSON or a form has it; null if it is none. */
export function readDeed(body: string, isJson: boolean): Deed | null {
  const fields = isJson ? fieldsOf(body) : Object.fromEntries(new URLSearchParams(body));
  const { text, tap, file, location } = fields;
  if (typeof text === "string" && text !== "") return { text };
  if (typeof tap === "string" && tap !== "") return { tap: isJson ? tap : Number(tap) };
  if (typeof file === "string" && URL.canParse(file)) return { file };
  const { latitude, longitude } = Object(location);
  return typeof latitude === "number" && typeof longitude === "number" ? { location: { latitude, longitude } } : null;
}

function fieldsOf(json: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
