/** Work that goes on for as long as the program runs. */
export interface Loop {
  readonly name: string;
  /** When its step that is under way began, or its next one was to begin; epoch ms. Null while there is nothing to do. */
  readonly dueAt: number | null;
}

/** No step takes so long while the store answers: each statement ends within 35 s, and a step has two or three. */
export const STUCK_MS = 120_000;

/** The names of loops that do not go on, although nothing outside has kept them from it. */
export function stuckLoops(loops: readonly Loop[], lastOutageAt: number, now: number): string[] {
  const isStuck = ({ dueAt }: Loop) => dueAt !== null && now - Math.max(dueAt, lastOutageAt) > STUCK_MS;
  return loops.filter(isStuck).map(({ name }) => name);
}
