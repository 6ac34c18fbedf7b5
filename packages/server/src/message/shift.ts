/**
 * Texts for handsets in the national languages of 3GPP TS 23.038 §6.2.1.2: a text outside the GSM alphabet may still go in
 * septets, under a header that names a language's single shift table, its locking shift table, or both.
 */
import { ESCAPE } from "./gsm.ts";
import { NATIONAL_LANGUAGES, type NationalLanguage, nationalTables } from "./national-languages.ts";

/** The tables with which a text is written. */
export interface Shift {
  language: NationalLanguage;
  /** National language identifiers; 0 for the default table. */
  single: number;
  locking: number;
  /** The information elements that name them (3GPP TS 23.040 §9.2.3.24.15 and §9.2.3.24.16). */
  elements: Uint8Array;
  /** Septet by UTF-16 code unit; one of the single shift table has the escape in its high octet. */
  septets: ReadonlyMap<number, number>;
}

/** A text in its fewest parts, as it is counted. */
export interface Shifted {
  shift: Shift;
  parts: number;
}

const SINGLE_SHIFT = 0x24;
const LOCKING_SHIFT = 0x25;
/** Octets of the user data of a short message, and of its header: the length, and each concatenation element. */
const USER_DATA = 140;
const LENGTH = 1;
const CONCATENATION = { udh8: 5, udh16: 6 } as const;
/** The most parts that a concatenation can number (§9.2.3.24.1). */
const MOST_PARTS = 255;
const MOST_SEPTETS = 160;

/** By language, made on first use. */
const shifts = new Map<NationalLanguage, readonly Shift[]>();

/**
 * The tables that write a text in the fewest parts, with an 8-bit reference; null if no language has all characters or none
 * needs fewer parts than `fewerThan`. Among equals the single shift comes first, because a handset without it shows the
 * character in the same place of the alphabet (§6.2.1.1), then the locking shift, then both.
 */
export function fewestParts(text: string, languages: readonly NationalLanguage[], fewerThan: number): Shifted | null {
  let best: Shifted | null = null;
  for (const { shift, least } of able(text, languages)) {
    const most: number = best?.parts ?? fewerThan;
    const parts = least < most ? partsWith(text, shift) : most;
    if (parts < most) best = { shift, parts };
  }
  return best;
}

/**
 * The first tables that write a text in exactly `parts` parts, as it was counted when it was accepted. The languages may
 * exceed those of the count; null if one of these is missing.
 */
export function shiftOf(text: string, languages: readonly NationalLanguage[], parts: number): Shift | null {
  return able(text, languages).find(({ shift }) => partsWith(text, shift) === parts)?.shift ?? null;
}

/** The national languages for texts to numbers with the prefix `to`. */
export interface LanguageRoute {
  to: string;
  nationalLanguages: readonly NationalLanguage[];
}

/** The languages of the longest matching prefix; none without a match. */
export function languagesTo(destination: string, routes: readonly LanguageRoute[]): readonly NationalLanguage[] {
  const fitting = routes.filter(({ to }) => destination.startsWith(to));
  return fitting.sort((one, other) => other.to.length - one.to.length)[0]?.nationalLanguages ?? [];
}

/** The septets of each part, one in an octet; an escape stays with the septet that it escapes. */
export function shiftedParts(text: string, shift: Shift, header: "udh8" | "udh16"): Uint8Array[] {
  const septets = septetsOf(text, shift);
  if (septets.length <= capacity(shift, null)) return [septets];
  const parts: Uint8Array[] = [];
  for (let from = 0; from < septets.length; ) {
    const to = partEnd(septets, from, capacity(shift, header));
    parts.push(septets.subarray(from, to));
    from = to;
  }
  return parts;
}

function partsWith(text: string, shift: Shift): number {
  const septets = septetsOf(text, shift);
  if (septets.length <= capacity(shift, null)) return 1;
  let parts = 0;
  for (let from = 0; from < septets.length; parts++) from = partEnd(septets, from, capacity(shift, "udh8"));
  return parts;
}

/** Septets beside the header, which ends at a septet's boundary (§9.2.3.24). */
function capacity({ elements }: Shift, header: "udh8" | "udh16" | null): number {
  const octets = LENGTH + elements.length + (header === null ? 0 : CONCATENATION[header]);
  return Math.floor(((USER_DATA - octets) * 8) / 7);
}

function partEnd(septets: Uint8Array, from: number, most: number): number {
  const end = from + most;
  if (end >= septets.length) return septets.length;
  return septets[end - 1] === ESCAPE ? end - 1 : end;
}

function septetsOf(text: string, { septets }: Shift): Uint8Array {
  const octets = new Uint8Array(text.length * 2);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const septet = septets.get(text.charCodeAt(i)) as number;
    if (septet > 0x7f) octets[at++] = ESCAPE;
    octets[at++] = septet & 0x7f;
  }
  return octets.subarray(0, at);
}

/** The tables that have every character, the preferred first, each with the least number of parts. */
function able(text: string, languages: readonly NationalLanguage[]): { shift: Shift; least: number }[] {
  if (languages.length === 0 || text.length > MOST_PARTS * MOST_SEPTETS) return [];
  const units = new Map<number, number>();
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    units.set(unit, (units.get(unit) ?? 0) + 1);
  }
  return languages
    .flatMap(shiftsOf)
    .flatMap((shift) => {
      let septets = 0;
      for (const [unit, times] of units) {
        const septet = shift.septets.get(unit);
        if (septet === undefined) return [];
        septets += septet > 0x7f ? 2 * times : times;
      }
      const least = septets <= capacity(shift, null) ? 1 : Math.ceil(septets / capacity(shift, "udh8"));
      return [{ shift, least }];
    })
    .sort(
      ({ shift: one }, { shift: other }) => one.elements.length - other.elements.length || one.locking - other.locking,
    );
}

function shiftsOf(language: NationalLanguage): readonly Shift[] {
  const known = shifts.get(language);
  if (known !== undefined) return known;
  const number = NATIONAL_LANGUAGES.indexOf(language) + 1;
  // For Spanish the default alphabet stands in place of a locking shift table, and needs no naming.
  const lockings = language === "spanish" ? [] : [number];
  const pairs = [
    [number, 0],
    ...lockings.flatMap((locking) => [
      [0, locking],
      [number, locking],
    ]),
  ];
  const made = pairs.map(([single = 0, locking = 0]): Shift => {
    return { language, single, locking, elements: elementsOf(single, locking), septets: encoder(single, locking) };
  });
  shifts.set(language, made);
  return made;
}

function elementsOf(single: number, locking: number): Uint8Array {
  const octets = [];
  if (single > 0) octets.push(SINGLE_SHIFT, 1, single);
  if (locking > 0) octets.push(LOCKING_SHIFT, 1, locking);
  return Uint8Array.from(octets);
}

/** The alphabet's places come first: a character in both tables takes one septet. */
function encoder(single: number, locking: number): Map<number, number> {
  const { alphabet, extension } = nationalTables(single, locking);
  const septets = new Map<number, number>();
  const put = (character: string, septet: number): void => {
    const unit = character.charCodeAt(0);
    if (!septets.has(unit)) septets.set(unit, septet);
  };
  // Empty places hold a space too, as does that of the escape.
  put(" ", SPACE);
  for (let septet = 0; septet < alphabet.length; septet++) if (septet !== ESCAPE) put(alphabet.charAt(septet), septet);
  for (const [septet, character] of extension) put(character, (ESCAPE << 8) | septet);
  return septets;
}

const SPACE = 0x20;
