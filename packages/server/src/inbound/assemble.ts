import { type CodedText, decodeParts, MISSING } from "./decode.ts";

/** One part of a long message, as it is kept. */
export interface KeptPart extends CodedText {
  /**
   * From 1; beyond the total by its own number for one that came again after its text went on: it is kept beside the
   * first, since only what follows tells a repeat from a new text that begins as the old one did.
   */
  sequence: number;
  /** It went on in a text already, and is kept to be known if it comes again. */
  passedOn: boolean;
}

/**
 * Takes in parts of one long message, in the order in which they came: whatever the order, and however often, each goes
 * on in exactly one text. A text goes on once all its parts are there. What never came in time is closed without; what
 * comes later goes on by itself, when all are there or when it is closed.
 *
 * A part that differs from what is there under its number is of another message: handsets use their references again.
 * What is there of the old one goes on as it is, and the new one has what came again before the part that differs. One
 * that is the same is a repeat; of parts that came again, only those before it in number count, since parts are sent in
 * order, and a carrier that saw no answer repeats the last.
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
