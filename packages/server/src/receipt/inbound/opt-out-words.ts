/** What a text from a handset asks of all further messages; null where it asks nothing. */
export type OptOutWord = "stop" | "start" | null;

/** The words that people have learnt to answer with. */
const STOP = new Set(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"]);

/** Only where the word is the whole text, in any case: "please stop by tomorrow" asks nothing. */
export function optOutWord(text: string): OptOutWord {
  const word = text.trim().toUpperCase();
  return STOP.has(word) ? "stop" : word === "START" ? "start" : null;
}
