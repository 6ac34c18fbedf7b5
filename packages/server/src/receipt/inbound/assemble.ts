import { type CodedText, decodeParts } from "./decode.ts";

/** One part of a long message, as it is kept. */
export interface KeptPart extends CodedText {
  sequence: number;
  /** It went on in a text already, and is kept to be known if it comes again. */
  passedOn: boolean;
}

/** Stands in a text for parts that never came. */
const MISSING = "[…]";

/**
 * Takes in parts of one long message, in the order in which they came: whatever the order, and however often, each goes
 * on in exactly one text. A text goes on once all its parts are there. What never came in time is closed without; what
 * comes later goes on by itself, when all are there or when it is closed.
 *
 * A part that is there already, with other octets, is of another message: handsets use their references again. What is
 * there of the old one goes on as it is.
 */
export function assemble(
  known: readonly KeptPart[],
  arrived: readonly (CodedText & { sequence: number })[],
  total: number,
): { texts: string[]; parts: KeptPart[] } {
  const texts: string[] = [];
  let parts = new Map(known.map((part) => [part.sequence, part]));
  for (const part of arrived) {
    const before = parts.get(part.sequence);
    if (before !== undefined && Buffer.compare(before.octets, part.octets) === 0) continue;
    if (before !== undefined) {
      texts.push(...close([...parts.values()], total));
      parts = new Map();
    }
    const { sequence, dataCoding, octets } = part;
    parts.set(sequence, { sequence, dataCoding, octets, passedOn: false });
    if (parts.size < total) continue;
    texts.push(...close([...parts.values()], total));
    parts = new Map([...parts].map(([at, one]) => [at, { ...one, passedOn: true }]));
  }
  return { texts, parts: [...parts.values()] };
}

/** The text of those parts that have not gone on yet, as far as they came; none where there are none. */
export function close(parts: readonly KeptPart[], total: number): string[] {
  const open = new Map(parts.filter(({ passedOn }) => !passedOn).map((part) => [part.sequence, part]));
  if (open.size === 0) return [];
  let text = "";
  for (let sequence = 1; sequence <= total; ) {
    const run: KeptPart[] = [];
    for (let part = open.get(sequence); part !== undefined; part = open.get(sequence)) {
      run.push(part);
      sequence++;
    }
    if (run.length > 0) text += decodeParts(run);
    const gap = sequence;
    while (sequence <= total && !open.has(sequence)) sequence++;
    if (sequence > gap) text += MISSING;
  }
  return [text];
}
