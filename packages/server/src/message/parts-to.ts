import { countParts } from "./segment.ts";
import { type LanguageRoute, languagesTo } from "./shift.ts";

/**
 * The parts as which a text to all of these numbers is counted. A national language counts where each of them allows it.
 * @param numbers as digits, with or without `+`
 */
export function partsTo(text: string, numbers: Iterable<string>, routes: readonly LanguageRoute[]): number {
  if (routes.length === 0) return countParts(text);
  const each = Array.from(numbers, (number) => languagesTo(number.replace(/^\+/, ""), routes));
  const [first = [], ...others] = new Set(each);
  return countParts(
    text,
    first.filter((language) => others.every((languages) => languages.includes(language))),
  );
}
