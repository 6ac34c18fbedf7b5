/**
 * The ids that a carrier's submit_sm_resp may have given for the id in its receipt. Many carriers spell the two
 * differently: the receipt's appendix B id was ten decimal digits, the message_id of SMPP 3.3 eight hexadecimal ones,
 * and gateways in between change case and zeros. Ids are stored, and looked up, as the submit's answer spelled them;
 * so what is not found as it stands is looked up in a bounded list of other spellings.
 *
 * A spelling other than the exact one can be another message's id (`86` in decimal is `56` in hexadecimal): let the
 * handset's number decide before such a match counts.
 */

/** A carrier's `messageIds` setting. */
export type IdMode = "auto" | "exact" | "hex-in-submit" | "hex-in-receipt" | "reference";

/**
 * The spelling of the submit's id, given the receipt's. `lower` and `upper` change the case of all of it, `lower-hex` and
 * `upper-hex` of the hexadecimal groups between its dashes. `dec-to-HEX-8`: the receipt's is decimal, the submit's the same
 * number in upper-case hexadecimal, filled with zeros to 8 digits; without a width, with no leading zeros.
 */
export type IdForm =
  | "exact"
  | "lower"
  | "upper"
  | "lower-hex"
  | "upper-hex"
  | `${"dec" | "hex"}-to-${Notation}`
  | `${"dec" | "hex"}-to-${Notation}-${number}`;

type Notation = "dec" | "hex" | "HEX";

export interface Candidate {
  id: string;
  form: IdForm;
}

/** Null if the receipt's id is not of this form, or the form cannot hold it. */
type Spelling = (receiptId: string) => string | null;

const DECIMAL = /^[0-9]+$/;
const HEXADECIMAL = /^[0-9a-f]+$/i;
/** Counters are of 32 or 64 bits; a longer id is a string of its own (seen: 23 digits; UUIDs), never a number. */
const LONGEST = { dec: 20, hex: 16 } as const;
const MAX_COUNTER = 2n ** 64n - 1n;
/** Widths of 32 and 64 bits, to which carriers fill. */
const HEX_WIDTHS = [0, 8, 16];
/** A decimal id that is filled has any width (seen: 6), up to that of 64 bits. */
const FILLED_WIDTHS = Array.from({ length: LONGEST.dec + 1 }, (_, width) => width);

const SAME: [IdForm, Spelling][] = [
  ["exact", (id) => id],
  ["lower", (id) => id.toLowerCase()],
  ["upper", (id) => id.toUpperCase()],
  ["lower-hex", (id) => mapHexGroups(id, (group) => group.toLowerCase())],
  ["upper-hex", (id) => mapHexGroups(id, (group) => group.toUpperCase())],
];
const FILLED = FILLED_WIDTHS.map((width) => numeric("dec", "dec", width));
const HEX_IN_SUBMIT = HEX_WIDTHS.flatMap((width) => [numeric("dec", "HEX", width), numeric("dec", "hex", width)]);
const HEX_IN_RECEIPT = [numeric("hex", "dec", 0), numeric("hex", "dec", 10)];
const HEX_IN_BOTH = HEX_WIDTHS.flatMap((width) => [numeric("hex", "HEX", width), numeric("hex", "hex", width)]);

/** By mode, the likeliest first. An id that a fixed mode cannot read as a number stays as it is. */
const FORMS: Record<IdMode, readonly [IdForm, Spelling][]> = {
  auto: [...SAME, ...FILLED, ...HEX_IN_SUBMIT, ...HEX_IN_RECEIPT, ...HEX_IN_BOTH],
  exact: SAME.slice(0, 1),
  reference: SAME.slice(0, 1),
  "hex-in-submit": HEX_IN_SUBMIT,
  "hex-in-receipt": HEX_IN_RECEIPT,
};
const SPELLINGS: ReadonlyMap<string, Spelling> = new Map(FORMS.auto);

/** True for the name of a form, as it was learnt and stored. */
export function isIdForm(text: string): text is IdForm {
  return SPELLINGS.has(text);
}

/**
 * The one spelling to look up first: in the form that proved right for this carrier, if the id can be read so, else in the
 * mode's first. Cheap; `candidateIds` is for the receipts that this does not find.
 */
export function likeliestId(receiptId: string, mode: IdMode, learnt: string | null): Candidate {
  if (mode === "auto" && learnt !== null) {
    const id = SPELLINGS.get(learnt)?.(receiptId) ?? null;
    if (id !== null) return { id, form: learnt as IdForm };
  }
  if (mode !== "hex-in-submit" && mode !== "hex-in-receipt") return { id: receiptId, form: "exact" };
  return candidateIds(receiptId, mode)[0]!;
}

/** Every spelling once, the likeliest first; never empty, at most 40. In `auto` the exact one comes first. */
export function candidateIds(receiptId: string, mode: IdMode): Candidate[] {
  const candidates = spelled(receiptId, FORMS[mode]);
  return candidates.length > 0 ? candidates : spelled(receiptId, SAME);
}

/** The same candidates, with those of the learnt form first. */
export function orderCandidates(candidates: readonly Candidate[], learnt: string | null): Candidate[] {
  const first = candidates.filter(({ form }) => form === learnt);
  return [...first, ...candidates.filter(({ form }) => form !== learnt)];
}

function spelled(receiptId: string, forms: readonly [IdForm, Spelling][]): Candidate[] {
  const byId = new Map<string, Candidate>();
  for (const [form, spell] of forms) {
    const id = spell(receiptId);
    if (id !== null && !byId.has(id)) byId.set(id, { id, form });
  }
  return [...byId.values()];
}

function numeric(from: "dec" | "hex", to: Notation, width: number): [IdForm, Spelling] {
  const form: IdForm = width === 0 ? `${from}-to-${to}` : `${from}-to-${to}-${width}`;
  return [
    form,
    (receiptId) => {
      const digits = from === "dec" && to === "dec" ? significant(receiptId) : convert(receiptId, from, to);
      if (digits === null || (width !== 0 && digits.length > width)) return null;
      return digits.padStart(width, "0");
    },
  ];
}

/** A decimal id without leading zeros, as text: there it may be longer than any counter. */
function significant(receiptId: string): string | null {
  return DECIMAL.test(receiptId) ? receiptId.replace(/^0+(?=.)/, "") : null;
}

function convert(receiptId: string, from: "dec" | "hex", to: Notation): string | null {
  if (!(from === "dec" ? DECIMAL : HEXADECIMAL).test(receiptId)) return null;
  const digits = receiptId.replace(/^0+(?=.)/, "");
  if (digits.length > LONGEST[from]) return null;
  const number = BigInt(from === "hex" ? `0x${digits}` : digits);
  if (number > MAX_COUNTER) return null;
  if (to === "dec") return number.toString();
  return to === "hex" ? number.toString(16) : number.toString(16).toUpperCase();
}

function mapHexGroups(id: string, map: (group: string) => string): string {
  return id
    .split("-")
    .map((group) => (HEXADECIMAL.test(group) ? map(group) : group))
    .join("-");
}
