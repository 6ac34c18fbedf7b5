/**
 * The national languages of a short message, 3GPP TS 23.038 §6.2.1.2 and annex A: tables that a user data header names
 * (3GPP TS 23.040 §9.2.3.24.15 and §9.2.3.24.16) and that stand in the place of the GSM 7-bit default alphabet (locking
 * shift), of its extension table (single shift), or of both.
 */
import { DEFAULT_TABLES, type GsmTables } from "./gsm.ts";

/** In the order of their identifiers, from 1 on (§6.2.1.2.4). */
export const NATIONAL_LANGUAGES = [
  "turkish",
  "spanish",
  "portuguese",
  "bengali",
  "gujarati",
  "hindi",
  "kannada",
  "malayalam",
  "oriya",
  "punjabi",
  "tamil",
  "telugu",
  "urdu",
] as const;
export type NationalLanguage = (typeof NATIONAL_LANGUAGES)[number];

/** The script's places in the locking shift tables of annex A.3.4 to A.3.13; all others are the same in each. */
const LOCKING_PLACES = places("00-09 0B 0C 0E-1A 1C-1F 22-27 2A 2B 2D 2F 3C-3E 40-60 7B-7F");
const LOCKING_COMMON = placed([
  ["0A", "\n"],
  ["0D", "\r"],
  ["20", " !"],
  ["28", ")("],
  ["2C", ","],
  ["2E", "."],
  ["30", "0123456789:;"],
  ["3F", "?"],
  ["61", "abcdefghijklmnopqrstuvwxyz"],
]);

/** The same for the single shift tables of annex A.2.4 to A.2.13. */
const SINGLE_PLACES = places("19 1A 1C-1F 20-27 2A-2E 30-3B 3F");
const SINGLE_COMMON = placed([
  ["00", "@£$¥¿\"¤%&'\f*+"],
  ["0E", "-/<=>¡^¡_#*"],
  ["28", "{}"],
  ["2F", "\\"],
  ["3C", "[~]"],
  ["40", "|ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
  ["65", "€"],
]);

/** By national language identifier; all others are reserved. Spanish has no locking shift table. */
const LANGUAGES = new Map<number, Partial<GsmTables>>([
  [1, latin("47Ğ 49İ 53Ş 63ç 67ğ 69ı 73ş", "04€ 07ı 0BĞ 0Cğ 1CŞ 1Dş 40İ 60ç")], // Turkish
  [2, { extension: latin("09ç 41Á 49Í 4FÓ 55Ú 61á 69í 6Fó 75ú", "").extension }], // Spanish
  [
    3, // Portuguese
    latin(
      "05ê 09ç 0BÔ 0Cô 0EÁ 0Fá 12Φ 13Γ 15Ω 16Π 17Ψ 18Σ 19Θ 1FÊ 41À 49Í 4FÓ 55Ú 5BÃ 5CÕ 61Â 69í 6Fó 75ú 7Bã 7Cõ 7Fâ",
      "04ê 06ú 07í 08ó 09ç 0BÔ 0Cô 0EÁ 0Fá 12ª 13Ç 14À 15∞ 16^ 17\\ 18€ 19Ó 1A| 1CÂ 1Dâ 1EÊ 24º 40Í 5BÃ 5CÕ 5DÚ 60~ 7Bã 7Cõ 7D`",
    ),
  ],
  [
    4, // Bengali
    script(
      "9E6-9EF 9DF-9E3 9F2-9FA",
      "981-983 985-98C .. 98F 990 .. 993-9A8 . 9AA-9B0 . 9B2 ... 9B6-9B9 9BC-9C4 .. 9C7 9C8 .. 9CB-9CE 9D7 9DC 9DD 9F0 9F1",
    ),
  ],
  [
    5, // Gujarati
    script(
      "964 965 AE6-AEF",
      "A81-A83 A85-A8D . A8F-A91 . A93-AA8 . AAA-AB0 . AB2 AB3 . AB5-AB9 ABC-AC5 . AC7-AC9 . ACB-ACD AD0 AE0-AE3 AF1",
    ),
  ],
  [6, script("964-96F 951-954 958-963 970 971", "901-903 905-939 93C-94D 950 972 97B 97C 97E 97F")], // Hindi
  [
    7, // Kannada
    script(
      "964 965 CE6-CEF CDE CF1 CF2",
      ". C82 C83 C85-C8C . C8E-C90 . C92-CA8 . CAA-CB3 . CB5-CB9 CBC-CC4 . CC6-CC8 . CCA-CCD CD5 CD6 CE0-CE3",
    ),
  ],
  [
    8, // Malayalam
    script(
      "964 965 D66-D75 D7A-D7F",
      ". D02 D03 D05-D0C . D0E-D10 . D12-D28 . D2A-D39 . D3D-D44 . D46-D48 . D4A-D4D D57 D60-D63 D79",
    ),
  ],
  [
    9, // Oriya
    script(
      "964 965 B66-B6F B5C B5D B5F B70 B71",
      "B01-B03 B05-B0C .. B0F B10 .. B13-B28 . B2A-B30 . B32 B33 . B35-B39 B3C-B44 .. B47 B48 .. B4B-B4D B56 B57 B60-B63",
    ),
  ],
  [
    10, // Punjabi
    script(
      "964 965 A66-A6F A59-A5C A5E A75",
      `A01-A03 A05-A0A .... A0F A10 .. A13-A28 . A2A-A30 . A32 A33 . A35 A36 . A38 A39 A3C . A3E-A42 .... A47 A48 ..
       A4B-A4D A51 A70-A74`,
    ),
  ],
  [
    11, // Tamil
    script(
      "964 965 BE6-BEF BF3-BF8 BFA",
      `. B82 B83 B85-B8A ... B8E-B90 . B92-B95 ... B99 B9A . B9C . B9E B9F ... BA3 BA4 ... BA8-BAA ... BAE-BB9 .. BBE-BC2
       ... BC6-BC8 . BCA-BCD BD0 BD7 BF0-BF2 BF9`,
    ),
  ],
  [
    12, // Telugu
    script(
      ".. C66-C6F C58 C59 C78-C7F",
      "C01-C03 C05-C0C . C0E-C10 . C12-C28 . C2A-C33 . C35-C39 . C3D-C44 . C46-C48 . C4A-C4D C55 C56 C60-C63",
    ),
  ],
  [
    13, // Urdu
    script(
      "600 601 6F0-6F9 60C-614 61B 61F 640 652 658 66B 66C 672 673 6CD 6D4",
      `627 622 628 67B 680 67E 6A6 62A 6C2 67F 679 67D 67A 67C 62B 62C 681 684 683 685-687 62D-62F 68C 688-68A 68F 68D 630
       631 691 693 699 632 696 698 69A 633-639 641 642 6A9-6AB 6AF 6B3 6B1 644-646 6BA-6BC 648 6C4 6D5 6C1 6BE 621 6CC
       6D0 6D2 64D 650 64F 657 654 655 651 653 656 670`,
    ),
  ],
]);

/** The tables of the languages that a header names; the default alphabet's for no language or a reserved one. */
export function nationalTables(single: number, locking: number): GsmTables {
  return {
    alphabet: LANGUAGES.get(locking)?.alphabet ?? DEFAULT_TABLES.alphabet,
    extension: LANGUAGES.get(single)?.extension ?? DEFAULT_TABLES.extension,
  };
}

/** The default tables with these changes, each a septet in hexadecimal and its character. */
function latin(single: string, locking: string): GsmTables {
  const alphabet = [...DEFAULT_TABLES.alphabet];
  for (const [septet, character] of entries(locking)) alphabet[septet] = character;
  return { alphabet: alphabet.join(""), extension: new Map([...DEFAULT_TABLES.extension, ...entries(single)]) };
}

/** Code points in the order of the script's places; a dot for each empty place. */
function script(single: string, locking: string): GsmTables {
  const alphabet = new Map([...LOCKING_COMMON, ...inPlaces(LOCKING_PLACES, locking)]);
  return {
    alphabet: Array.from({ length: 0x80 }, (_, septet) => alphabet.get(septet) ?? " ").join(""),
    extension: new Map([...SINGLE_COMMON, ...inPlaces(SINGLE_PLACES, single)]),
  };
}

function entries(list: string): [septet: number, character: string][] {
  const words = list === "" ? [] : list.split(" ");
  return words.map((word) => [Number.parseInt(word.slice(0, 2), 16), word.slice(2)]);
}

function placed(runs: readonly (readonly [from: string, characters: string])[]): [number, string][] {
  return runs.flatMap(([from, characters]) =>
    [...characters].map((character, index): [number, string] => [Number.parseInt(from, 16) + index, character]),
  );
}

function inPlaces(where: readonly number[], list: string): [number, string][] {
  return list
    .split(/\s+/)
    .flatMap((word) => (word.startsWith(".") ? [...word].map(() => "") : places(word).map(toCharacter)))
    .flatMap((character, index): [number, string][] => (character === "" ? [] : [[where[index]!, character]]));
}

/** Numbers in hexadecimal, alone or from one to another. */
function places(list: string): number[] {
  return list.split(" ").flatMap((word) => {
    const [first, last] = word.split("-").map((digits) => Number.parseInt(digits, 16));
    return Array.from({ length: (last ?? first!) - first! + 1 }, (_, index) => first! + index);
  });
}

function toCharacter(codePoint: number): string {
  return String.fromCodePoint(codePoint);
}
