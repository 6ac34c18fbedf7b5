import { type CodedText, decodeParts, MISSING } from "./decode.ts";

/** A stored part of a long message. */
export interface KeptPart extends CodedText {
  /**
   * From 1. A part that came again after its text went on is stored beside the first, under its number beyond the total:
   * only the next parts tell a repeat from a new text that begins like the old one.
   */
  sequence: number;
  /** It went on in a text already, and is kept to recognize a repeat. */
  passedOn: boolean;
}

/**
 * Takes in parts of one long message, in the order in which they came. Whatever the order and the repeats, each part goes on
 * in exactly one text. A text goes on once all its parts are there. After a time it goes on without the missing ones; parts
 * that come later go on by themselves, when all are there or when their time is over.
 *
 * A part that differs from the stored one of its number belongs to another message: handsets use their references again. The
 * stored parts of the old message go on as they are, and the new one gets the repeats before the part that differs. A part
 * that is the same is a repeat; of repeated parts only those before it in number count, since parts are sent in order, and a
 * carrier that saw no answer repeats the last.
 */
export function assemble(
  known: readonly KeptPart[],
  arrived: readonly (CodedText & { sequence: number })[],
  total: number,
): { texts: string[]; parts: KeptPart[] } {
  const texts: string[] = [];
  let parts = new Map(known.filter(({ sequence }) => sequence <= total).map((part) => [part.sequence, part]));
  let again = new Set(known.flatMap(({ sequence }) => (sequence > total ? [sequence - total] : [])));
  for (const { sequence, dataCoding, octets } of arrived) {
    const before = parts.get(sequence);
    if (before?.dataCoding === dataCoding && Buffer.compare(before.octets, octets) === 0) {
      if (before.passedOn) again.add(sequence);
      continue;
    }
    if (before !== undefined) {
      texts.push(...close([...parts.values()], total));
      const begun = [...parts.values()].filter((part) => part.sequence < sequence && again.has(part.sequence));
      parts = new Map(begun.map((part) => [part.sequence, { ...part, passedOn: false }]));
      again = new Set();
    }
    parts.set(sequence, { sequence, dataCoding, octets, passedOn: false });
    if (parts.size < total) continue;
    texts.push(...close([...parts.values()], total));
    parts = new Map([...parts].map(([at, one]) => [at, { ...one, passedOn: true }]));
  }
  const repeats = [...again].map((sequence) => ({ ...parts.get(sequence)!, sequence: sequence + total }));
  return { texts, parts: [...parts.values(), ...repeats] };
}

/** The texts of the parts that have not gone on yet, with marks for missing ones; empty without such parts. */
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
