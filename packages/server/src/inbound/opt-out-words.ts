/** The request in a text from a handset about all further messages; null if there is none. */
export type OptOutWord = "stop" | "start" | null;

/** The texts that count: `senders.optOutWords` and `senders.optInWords`. */
export interface OptOutWords {
  stop: readonly string[];
  start: readonly string[];
}

/** Returns a reader of texts. The word must be the whole text: "please stop by tomorrow" asks nothing. */
export function optOutWords({ stop, start }: OptOutWords): (text: string) => OptOutWord {
  const [stops, starts] = [new Set(stop.map(folded)), new Set(start.map(folded))];
  return (text) => {
    if (text.length > LONGEST) return null;
    const word = folded(text);
    if (word === "") return null;
    return stops.has(word) ? "stop" : starts.has(word) ? "start" : null;
  };
}

/** A word with everything that handsets put around it is shorter; a longer text is not looked at. */
const LONGEST = 200;
/** Handsets and people put them anywhere: Unicode's format characters (Cf) and variation selectors. */
const INVISIBLE = /\p{Cf}|\p{Variation_Selector}/gu;
const AROUND = /^[\s\p{P}`´<>]+|[\s\p{P}`´<>]+$/gu;

/**
 * The form in which texts and words are compared: quotes, stops and spaces around a word do not count, nor does full width,
 * in which Japanese handsets write letters (Unicode Standard, Annex 15: NFKC).
 */
function folded(text: string): string {
  const word = text.replace(INVISIBLE, "").replace(AROUND, "");
  return word.normalize("NFKC").replace(/\s+/g, " ").toUpperCase();
}
