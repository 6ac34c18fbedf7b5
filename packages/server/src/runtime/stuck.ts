/** Work that goes on for as long as the program runs. */
export interface Loop {
  readonly name: string;
  /** When the step under way began, or the next one should have begun; epoch ms. Null while there is nothing to do. */
  readonly dueAt: number | null;
}

/** The longest time of a step while the store answers, in ms: a statement ends within 35 s, a step has two or three. */
export const STUCK_MS = 120_000;

/** The names of loops that have stopped, although nothing outside prevents them. */
export function stuckLoops(loops: readonly Loop[], lastOutageAt: number, now: number): string[] {
  const isStuck = ({ dueAt }: Loop) => dueAt !== null && now - Math.max(dueAt, lastOutageAt) > STUCK_MS;
  return loops.filter(isStuck).map(({ name }) => name);
}
