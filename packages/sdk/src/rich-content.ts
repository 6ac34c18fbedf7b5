/** Content that RCS shows in place of the text: one of these, each with suggestions or not; suggestions alone go with the text. */
export type RichContent = { suggestions?: Suggestion[] | undefined } & (
  | { text?: string | undefined }
  | { card: RichCard & { orientation?: "VERTICAL" | "HORIZONTAL" | undefined } }
  | { carousel: { width: "SMALL" | "MEDIUM"; cards: RichCard[] } }
  | { file: RichFile }
);

/** A title, a description or media is needed. */
export interface RichCard {
  /** At most 200 characters. */
  title?: string | undefined;
  /** At most 2,000 characters. */
  description?: string | undefined;
  /** `TALL` is not for a carousel that is `SMALL`. */
  media?: (RichFile & { height: "SHORT" | "MEDIUM" | "TALL" }) | undefined;
  /** At most four. */
  suggestions?: Suggestion[] | undefined;
}

export interface RichFile {
  /** A public http(s) URL. */
  url: string;
  /** A public URL of a small picture, shown until the file is there. */
  thumbnail?: string | undefined;
}

/** Something to tap: the kind's field has the words on it, at most 25 characters. `postback` comes back with a tap. */
export type Suggestion = { postback: string } & (
  | { reply: string }
  | { open: string; url: string }
  | { dial: string; number: string }
  /** Shows a point or what a search finds; without either it asks for the handset's location. */
  | { location: string; latitude: number; longitude: number; label?: string | undefined }
  | { location: string; query?: string | undefined }
  /** `start` and `end` are ISO 8601. */
  | { calendar: string; title: string; start: string; end: string; description?: string | undefined }
);
