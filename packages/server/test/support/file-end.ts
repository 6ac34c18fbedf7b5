const ends: (() => unknown)[] = [];

/** Has something done when the test file has ended, from whichever module: those that files share are loaded once. */
export function atFileEnd(end: () => unknown): void {
  ends.push(end);
}

/** Does it all, the latest first. */
export async function endFile(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}
